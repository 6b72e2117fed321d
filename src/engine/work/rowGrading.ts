/**
 * Judges rows in the workers, in batches. A row that ends its worker each time is errored. The other rows are judged.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as ModelUsage from "../../store/ModelUsage.ts"
import type { ErrorCause } from "../../store/RunBatches.ts"
import * as Criteria from "../graders/Criteria.ts"
import { errored } from "./erroredRow.ts"
import type { Pool } from "./ProcessPool.ts"
import type { ByRow, GradedRows } from "./protocol.ts"
import { bytesOf, eachPart } from "./rowParts.ts"
import type { WorkerDied } from "./workErrors.ts"

/** A row with its verdict. */
export interface Graded {
  readonly status: "pass" | "fail" | "error"
  /** Whether each criterion passed, in order. */
  readonly passed: ReadonlyArray<boolean>
  /** The tail of its item (`ItemText.ts`), in UTF-8. */
  readonly tail: Uint8Array
  /** The places of copied samples in the tail (`ItemText.ts`); null if there are none. */
  readonly copies: ReadonlyArray<number> | null
  /** The first error of an errored row. */
  readonly cause: ErrorCause | null
}

/** A row that is judged, or has questions. */
export type Judged = Graded | Criteria.Asking

/** Rows that were judged. */
export interface GradedBatch {
  /** One entry for each row, in order. */
  readonly graded: ReadonlyArray<Judged>
  /** The tokens of samples and judges, by model. */
  readonly usage: ReadonlyArray<ModelUsage.ModelUsage>
  /** The tokens of each row, if `usageByRow` is set. */
  readonly usages: ByRow<ReadonlyArray<ModelUsage.ModelUsage>>
}

/** Options of judging. */
export interface GradeOptions {
  readonly replies?: Replies
  /** Whether the result has the usage of each row too. */
  readonly usageByRow?: boolean
}

/** The replies to the questions of rows, by row from 0. */
export type Replies = ByRow<ReadonlyArray<Criteria.CriterionReplies>>

/** Time limits, in milliseconds. */
interface Limits {
  readonly gradeMillis: number
  readonly sliceMillis: number
}

const encoder = new TextEncoder()

const statusOf = new Map<string | undefined, Graded["status"]>([
  ["p", "pass"],
  ["f", "fail"]
])

const collect = (into: Array<Judged>, answer: GradedRows): void => {
  const { ends, passed, statuses, tails } = answer
  const places = new Map(answer.copies)
  const causes = new Map(answer.causes)
  const questions = new Map(answer.questions)
  const judged = ends.length - questions.size
  const criteria = judged === 0 ? 0 : passed.length / judged
  let bit = 0
  let start = 0
  for (const [row, end] of ends.entries()) {
    const asked = questions.get(row)
    if (asked !== undefined) {
      into.push({ status: "asking", questions: asked })
      continue
    }
    const bits: Array<boolean> = []
    for (const last = bit + criteria; bit < last; bit++) bits.push(passed[bit] === "1")
    into.push({
      status: statusOf.get(statuses[row]) ?? "error",
      passed: bits,
      tail: tails.subarray(start, end),
      copies: places.get(row) ?? null,
      cause: causes.get(row) ?? null
    })
    start = end
  }
}

/** Returns the replies for the rows from `from` on, counted from there. */
const behind = (replies: Replies, from: number): Replies =>
  replies.flatMap(([row, reply]) => (row < from ? [] : [[row - from, reply] as const]))

/** Makes the function that judges rows. `criteria` is the JSON of a list of `{ id, grader }`. */
export const makeGrade = (pool: Pool, { gradeMillis, sliceMillis }: Limits) => {
  const limits = { millis: gradeMillis, sliceMillis }

  /** Makes the entry of a row that ends its worker each time. */
  const refuse = Effect.fnUntraced(function* (
    criteria: string,
    rows: Uint8Array,
    { message }: WorkerDied
  ): Effect.fn.Return<GradedBatch, WorkerDied> {
    const reason = { code: "grader_crashed", message: `The criteria could not judge this row: ${message}.` }
    const answer = yield* Effect.result(
      pool.ask("grade", { ...limits, criteria, rows, replies: [], usageByRow: false, errored: reason })
    )
    const graded: Array<Judged> = []
    if (Result.isSuccess(answer)) {
      collect(graded, answer.success)
      return { graded, usage: answer.success.usage, usages: [] }
    }
    if (answer.failure.started) {
      const { cause, passed, status, tail } = errored(Criteria.ofText(criteria), undefined, reason)
      graded.push({ status, passed, tail: encoder.encode(tail), copies: null, cause })
      return { graded, usage: [], usages: [] }
    }
    return yield* answer.failure
  })

  return Effect.fnUntraced(function* (
    criteria: string,
    rows: Uint8Array | string,
    { replies = [], usageByRow = false }: GradeOptions = {}
  ): Effect.fn.Return<GradedBatch, WorkerDied> {
    const graded: Array<Judged> = []
    const usage: Array<ModelUsage.ModelUsage> = []
    const usages: Array<readonly [number, ReadonlyArray<ModelUsage.ModelUsage>]> = []
    yield* eachPart(bytesOf(rows), {
      ask: (part) => {
        const request = {
          ...limits,
          criteria,
          errored: undefined,
          usageByRow,
          rows: part,
          replies: behind(replies, graded.length)
        }
        return pool.ask("grade", request)
      },
      take: (answer) => {
        for (const [row, one] of answer.usages) usages.push([graded.length + row, one])
        collect(graded, answer)
        for (const one of answer.usage) usage.push(one)
      },
      refuse: (row, died) =>
        Effect.map(refuse(criteria, row, died), (refused) => {
          for (const one of refused.graded) graded.push(one)
          for (const one of refused.usage) usage.push(one)
        })
    })
    return { graded, usage: ModelUsage.sum(usage), usages }
  })
}
