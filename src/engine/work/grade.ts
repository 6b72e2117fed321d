/**
 * The worker's side of judging rows and of running single graders. `rowGrading.ts` is the engine's side.
 *
 * @internal
 */
import { Buffer } from "node:buffer"
import * as Result from "effect/Result"
import * as ModelUsage from "../../store/ModelUsage.ts"
import type { ErrorCause } from "../../store/RunBatches.ts"
import * as Criteria from "../graders/Criteria.ts"
import * as graderEndpoints from "../graders/graderEndpoints.ts"
import type { Problem } from "../graders/multi.ts"
import * as Row from "../rows/Row.ts"
import { Cache } from "./cache.ts"
import { errored } from "./erroredRow.ts"
import { stopwatch, within } from "./timeLimit.ts"
import type { Operations } from "./protocol.ts"
import { RowReader } from "./RowReader.ts"

type Grade = Operations["grade"]
type RunGrader = Operations["runGrader"]
type ValidateGrader = Operations["validateGrader"]
type Item = ReturnType<Criteria.Compiled["judge"]>

type Replies = ReadonlyArray<Criteria.CriterionReplies> | undefined

/** The most compiled sets of criteria that are cached. */
const criteriaKept = 50

interface Known {
  readonly criteria: ReadonlyArray<Criteria.Criterion>
  readonly compiled: ReturnType<typeof Criteria.compile>
}

const known = new Cache(criteriaKept, (text): Known => {
  const criteria = Criteria.ofText(text)
  return { criteria, compiled: Criteria.compile(criteria) }
})

const judge = ({ compiled, criteria }: Known, line: string, replies: Replies): Item => {
  const row = Row.parse(line)
  if (Result.isFailure(row)) {
    const { message, path } = row.failure
    const place = path === "" ? "" : `${path}: `
    return errored(criteria, undefined, { code: "invalid_row", message: `The row cannot be read: ${place}${message}` })
  }
  return Result.isFailure(compiled)
    ? errored(criteria, line, { code: "unsupported_grader", message: compiled.failure.message })
    : compiled.success.judge(row.success, replies)
}

const seconds = (millis: number): string => `${millis / 1000} s`

const letters = { pass: "p", fail: "f", error: "e", asking: "a" } as const

/** Packs items for sending: one character or one entry for each item in every field. */
const sideBySide = (items: ReadonlyArray<Item>, usageByRow: boolean) => {
  let statuses = ""
  let passed = ""
  let size = 0
  for (const item of items) {
    statuses += letters[item.status]
    if (item.status === "asking") continue
    for (const passes of item.passed) passed += passes ? "1" : "0"
    size += Buffer.byteLength(item.tail)
  }
  const tails = Buffer.allocUnsafeSlow(size)
  const ends = new Uint32Array(items.length)
  const copies: Array<readonly [number, ReadonlyArray<number>]> = []
  const causes: Array<readonly [number, ErrorCause]> = []
  const questions: Array<readonly [number, ReadonlyArray<Criteria.CriterionQuestions>]> = []
  const usage: Array<ModelUsage.ModelUsage> = []
  const usages: Array<readonly [number, ReadonlyArray<ModelUsage.ModelUsage>]> = []
  let end = 0
  for (const [row, item] of items.entries()) {
    if (item.status === "asking") questions.push([row, item.questions])
    else {
      end += tails.write(item.tail, end)
      if (item.copies !== undefined) copies.push([row, item.copies])
      if (item.status === "error") causes.push([row, item.cause])
      for (const one of item.usage) usage.push(one)
      if (usageByRow && item.usage.length > 0) usages.push([row, item.usage])
    }
    ends[row] = end
  }
  return { statuses, passed, tails, ends, copies, causes, questions, usage: ModelUsage.sum(usage), usages }
}

/** Judges rows in order, until the time slice ends or a row exceeds its time limit. */
export const grade = (request: Grade["request"]): Grade["answer"] => {
  const reader = new RowReader(request.rows)
  const items: Array<Item> = []
  const inTime = within(request.sliceMillis + request.millis, () => {
    const criteria = known.get(request.criteria)
    const replies = new Map(request.replies)
    const late = stopwatch(request.sliceMillis)
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      items.push(
        request.errored === undefined
          ? judge(criteria, line, replies.get(items.length))
          : errored(criteria.criteria, line, request.errored)
      )
      if (late()) return
    }
  })
  if (!inTime && items.length < reader.rows) {
    const criteria = Criteria.ofText(request.criteria)
    const message = `The criteria took longer than ${seconds(request.millis)} to judge this row.`
    items.push(errored(criteria, reader.row, { code: "grader_timeout", message }))
  }
  const { bytes, lines, rows } = reader
  return { _tag: "Graded", bytes, lines, rows, ...sideBySide(items, request.usageByRow), expired: !inTime }
}

/** Runs one grader on one sample. */
export const runGrader = ({ millis, params, replies }: RunGrader["request"]): RunGrader["answer"] => {
  const began = process.hrtime.bigint()
  let answer: RunGrader["answer"] = { _tag: "Expired", line: undefined }
  within(millis, () => {
    const ran = graderEndpoints.run(params, () => Number(process.hrtime.bigint() - began) / 1e9, replies)
    answer = Result.isFailure(ran)
      ? { _tag: "Unusable", problems: ran.failure }
      : "questions" in ran.success
        ? { _tag: "Asking", questions: ran.success.questions }
        : { _tag: "Ran", response: ran.success }
  })
  return answer
}

/** Validates a grader without running it. */
export const validateGrader = ({ grader, millis }: ValidateGrader["request"]): ValidateGrader["answer"] => {
  let problems: ReadonlyArray<Problem> | undefined
  within(millis, () => {
    problems = graderEndpoints.validate(grader)
  })
  return problems === undefined ? { _tag: "Expired", line: undefined } : { _tag: "Validated", problems }
}
