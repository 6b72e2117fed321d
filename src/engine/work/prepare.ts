/**
 * The worker's side of making the requests of rows to a model. `rowPreparation.ts` is the engine's side.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { isObject } from "../rows/JsonText.ts"
import * as Row from "../rows/Row.ts"
import * as inputMessages from "../sources/inputMessages.ts"
import { sampled, type Source } from "../models/requests/sampled.ts"
import { Cache } from "./cache.ts"
import { stopwatch, within } from "./timeLimit.ts"
import type { Operations, PreparedRow } from "./protocol.ts"
import { RowReader } from "./RowReader.ts"

type Prepare = Operations["prepare"]

/** The most compiled data sources that are cached. */
const sourcesKept = 50

interface Known {
  readonly source: Source
  readonly messages: ReturnType<typeof inputMessages.compile>
}

const known = new Cache(sourcesKept, (text): Known => {
  const json: unknown = JSON.parse(text)
  const { input_messages, model, sampling_params, type } = isObject(json) ? json : {}
  return {
    source: {
      type: type === "responses" ? "responses" : "completions",
      model: typeof model === "string" ? model : "",
      sampling_params
    },
    messages: inputMessages.compile(input_messages)
  }
})

const failed = (item: string, code: string, message: string): PreparedRow => ({
  _tag: "Failed",
  item,
  cause: { code, message }
})

const prepareRow = ({ messages, source }: Known, line: string): PreparedRow => {
  const row = Row.parse(line)
  if (Result.isFailure(row)) {
    const { message, path } = row.failure
    return failed("{}", "invalid_row", `The row cannot be read: ${path === "" ? "" : `${path}: `}${message}`)
  }
  const item = row.success.itemText
  const rendered = Result.flatMap(messages, (compiled) => compiled(row.success))
  if (Result.isFailure(rendered)) return failed(item, "invalid_input_messages", rendered.failure)
  const { problems, request } = sampled(source, rendered.success)
  return problems.length > 0
    ? failed(item, "invalid_input_messages", problems.join("; "))
    : { _tag: "Request", item, request }
}

/** Prepares rows in order, until the time slice ends or a row exceeds its time limit. */
export const prepare = (request: Prepare["request"]): Prepare["answer"] => {
  const reader = new RowReader(request.rows)
  const prepared: Array<PreparedRow> = []
  const inTime = within(request.sliceMillis + request.millis, () => {
    const source = known.get(request.source)
    const late = stopwatch(request.sliceMillis)
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      prepared.push(prepareRow(source, line))
      if (late()) return
    }
  })
  if (!inTime && prepared.length < reader.rows) {
    prepared.push(
      failed("{}", "template_timeout", `The messages took longer than ${request.millis / 1000} s to be made.`)
    )
  }
  const { bytes, lines, rows } = reader
  return { _tag: "Prepared", bytes, lines, rows, prepared, expired: !inTime }
}
