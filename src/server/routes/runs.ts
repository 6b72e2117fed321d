/** @internal */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schedule from "effect/Schedule"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { CreateRun } from "../../engine/operations/runs.ts"
import type { Json } from "../../engine/operations/shared.ts"
import { type Rejection, tooLarge } from "../../engine/texts/Rejection.ts"
import { lineFeed, withoutLineBreak } from "../../schema/bytes.ts"
import { eventsHeader, eventStream, runEvent } from "../../schema/Events.ts"
import { at } from "../../schema/fields.ts"
import * as Run from "../../schema/Run.ts"
import { elements } from "../../schema/slices.ts"
import * as Body from "../body.ts"
import { ceilingsOf } from "../ceilings.ts"
import { formatBytes } from "../Limits.ts"
import * as Query from "../query.ts"
import { ok } from "../respond.ts"
import { identityOf, routes, type Setting } from "./shared.ts"

const readCreate = Body.reader(Run.CreateParams)

const statuses = ["queued", "in_progress", "completed", "canceled", "failed"] as const

const encoder = new TextEncoder()

const contentPath = ["data_source", "source", "content"] as const

/**
 * Returns the inline rows of a request as JSON lines. Each row is unchanged, except that line breaks between tokens
 * become spaces.
 */
const linesOf = (body: Uint8Array): Uint8Array => {
  const rows = elements(body, ...contentPath)
  const lines = new Uint8Array(rows.reduce((size, row) => size + row.length + 1, 0))
  let end = 0
  for (const row of rows) {
    for (const byte of row) lines[end++] = withoutLineBreak(byte)
    lines[end++] = lineFeed
  }
  return lines.subarray(0, Math.max(0, end - 1))
}

/** The largest number of inline rows. Extracting them blocks other requests. */
const mostRows = 200_000

// the engine checks the rows without blocking other requests; here they must only be a list
const withoutRows = (value: unknown): unknown => {
  if (!Array.isArray(at(value, ...contentPath))) return value
  const replaced = (inner: unknown, [key, ...rest]: ReadonlyArray<string>): unknown =>
    key === undefined
      ? []
      : Object.fromEntries(
          Object.entries(Object(inner)).map(([name, each]) => [name, name === key ? replaced(each, rest) : each])
        )
  return replaced(value, contentPath)
}

const readRun = (body: Uint8Array, advice: string): Effect.Effect<Omit<CreateRun, "ceilings">, Rejection> =>
  Effect.gen(function* () {
    const value = yield* Body.parse(body)
    const rows = at(value, ...contentPath)
    if (Array.isArray(rows) && rows.length > mostRows) {
      const param = contentPath.join(".")
      return yield* tooLarge(`${param}: holds ${rows.length} rows, and this server takes ${mostRows}. ${advice}`, param)
    }
    const { data_source: dataSource, metadata, name } = yield* readCreate(withoutRows(value))
    return {
      name: name ?? undefined,
      metadata: metadata ?? {},
      dataSource,
      rows: dataSource.source.type === "file_content" ? linesOf(body) : undefined
    }
  })

const event = (text: string): Uint8Array =>
  encoder.encode(
    `event: ${runEvent}\n${text
      .split(/\r\n|[\r\n]/)
      .map((line) => `data: ${line}`)
      .join("\n")}\n\n`
  )

/** Comment lines that keep the connection alive through proxies. */
const alive = Stream.fromSchedule(Schedule.spaced(Duration.seconds(15))).pipe(Stream.map(() => encoder.encode(":\n\n")))

const run = (body: Json, status = 200) => HttpServerResponse.setHeader(ok(body, status), eventsHeader, eventStream)

/** The routes of runs. Event streams end when `stopping` ends. */
export const runs = (setting: Setting, stopping: Effect.Effect<void>) => {
  const { engine, limits } = setting
  const route = routes(setting)
  const limit = {
    bytes: limits.rows,
    advice:
      'Upload the rows as a file (POST /v1/files, purpose "evals", one row a line) and name it as ' +
      `data_source.source {"type": "file_id", "id": "file-…"}: files may be ${formatBytes(limits.file)} large.`
  }
  const one = "/evals/:evalId/runs/:runId"
  const canceled = ({ caller, param }: Parameters<Parameters<typeof route>[2]>[0]) =>
    Effect.map(engine.cancelRun(caller, param("evalId"), param("runId")), (body) => run(body))
  return [
    route("POST", "/evals/:evalId/runs", ({ caller, param, request }) =>
      Effect.gen(function* () {
        const bytes = yield* Body.bytes(request, limit)
        const params = { ...(yield* readRun(bytes, limit.advice)), ceilings: yield* ceilingsOf(request) }
        const created = yield* engine.createRun(caller, param("evalId"), params, yield* identityOf(request, bytes))
        yield* Body.noteUnknown(created.unknownKeys, "keys of rows")
        yield* Body.warn(created.warnings)
        return run(created.run, 201)
      })
    ),
    route("GET", "/evals/:evalId/runs", ({ caller, param, request }) =>
      Effect.gen(function* () {
        const query = Query.of(request)
        const page = yield* Query.list(query)
        const status = yield* query.oneOf("status", statuses)
        yield* query.rest
        return ok(yield* engine.listRuns(caller, param("evalId"), { ...page, status }))
      })
    ),
    route("GET", "/evals/:evalId/runs/:runId", ({ caller, param }) =>
      Effect.map(engine.retrieveRun(caller, param("evalId"), param("runId")), (body) => run(body))
    ),
    route("DELETE", "/evals/:evalId/runs/:runId", ({ caller, param }) =>
      Effect.map(engine.deleteRun(caller, param("evalId"), param("runId")), (body) => ok(body))
    ),
    // clients from before October 2026 post to the URL of the run
    route("POST", one, canceled),
    route("POST", `${one}/cancel`, canceled),
    route("POST", `${one}/retry`, ({ caller, param, request }) =>
      Effect.flatMap(ceilingsOf(request), (ceilings) =>
        Effect.map(engine.retryRun(caller, param("evalId"), param("runId"), ceilings), (body) => run(body))
      )
    ),
    route("GET", "/evals/:evalId/runs/:runId/events", ({ caller, param }) =>
      Effect.map(engine.watchRun(caller, param("evalId"), param("runId")), (texts) =>
        HttpServerResponse.stream(
          Stream.merge(Stream.map(texts, event), alive, { haltStrategy: "left" }).pipe(
            Stream.interruptWhen(stopping),
            Stream.catch((error: SqlError) =>
              Stream.fromEffectDrain(Effect.logError("a stream of events broke off", error))
            )
          ),
          { contentType: eventStream, headers: { "cache-control": "no-cache" } }
        )
      )
    )
  ]
}
