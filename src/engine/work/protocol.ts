/**
 * The messages between the engine and its workers. They are copied between processes, so all types are plain data.
 *
 * @internal
 */
import type * as Grader from "../../schema/Grader.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { ErrorCause } from "../../store/RunBatches.ts"
import type { CriterionQuestions, CriterionReplies } from "../graders/Criteria.ts"
import type { RunParams } from "../graders/graderEndpoints.ts"
import type { Problem } from "../graders/multi.ts"
import type { Question, Reply } from "../graders/Scored.ts"
import type { Request as ModelRequest } from "../models/Models.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"

/** A time limit expired, in a row or outside of all rows. */
export interface Expired {
  readonly _tag: "Expired"
  /** The line of the row, from 0. */
  readonly line: number | undefined
}

/** The worker failed with an unexpected error. */
export interface Fault {
  readonly _tag: "Fault"
  readonly message: string
}

/** An invalid schema. */
export interface BadSchema extends Finding {
  readonly _tag: "BadSchema"
}

/** An invalid row. */
export interface BadRow extends Finding {
  readonly _tag: "BadRow"
  /** From 0. */
  readonly row: number
  /** From 0. */
  readonly line: number
}

/** The progress of a request: its first rows are done. */
interface Part {
  /** The bytes of these rows and the blank lines between them. All bytes of the request once it is done. */
  readonly bytes: number
  /** The number of rows. */
  readonly rows: number
  /** The number of lines, blank ones included. */
  readonly lines: number
}

/** The most ignored keys of rows that an answer names. */
export const unknownKeysKept = 16

/** Rows whose sample has none of the fields that the criteria read. */
export interface Unread {
  /** The first such row, from 0. */
  readonly row: number
  /** The line of that row, from 0. */
  readonly line: number
  /** Keys of that row's sample, not all if there are many; undefined if the row has no sample. */
  readonly keys: ReadonlyArray<string> | undefined
  /** The number of such rows. */
  readonly rows: number
}

/** Valid rows. */
export interface Fitting extends Part {
  readonly _tag: "Fitting"
  /** The models that samples name, at most two. Failed samples are ignored. */
  readonly models: ReadonlyArray<string>
  /** Keys of rows other than `item` and `sample`, at most {@link unknownKeysKept}. */
  readonly unknownKeys: ReadonlyArray<string>
  /** Undefined if there are no such rows. */
  readonly unread: Unread | undefined
}

/** Values for some of the rows. Rows are counted from 0. */
export type ByRow<A> = ReadonlyArray<readonly [row: number, value: A]>

/** Rows that were judged or are errored. Each field has one character or one entry for each row. */
export interface GradedRows extends Part {
  readonly _tag: "Graded"
  /** `p` passed, `f` failed, `e` errored, `a` has questions. */
  readonly statuses: string
  /** `1` or `0` for each criterion of each row. */
  readonly passed: string
  /** The tails of all items in UTF-8, joined: bytes are copied between processes faster than texts. */
  readonly tails: Uint8Array
  /** The end offset of each row's tail. The tail of a row with questions is empty. */
  readonly ends: Uint32Array
  /** The places of copied samples (`copies` of `ItemText.ts`). */
  readonly copies: ByRow<ReadonlyArray<number>>
  /** The first error of each errored row. */
  readonly causes: ByRow<ErrorCause>
  /** The questions of rows. */
  readonly questions: ByRow<ReadonlyArray<CriterionQuestions>>
  /** The tokens of samples and judges, by model. Rows with questions are not counted yet. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** The tokens of each row, if the request has `usageByRow`. */
  readonly usages: ByRow<ReadonlyArray<ModelUsage>>
  /** Whether the last row exceeded its time limit. */
  readonly expired: boolean
}

/** A row of a run that samples. `item` is the unchanged JSON of its item. */
export type PreparedRow =
  /** The request that asks the model. */
  | { readonly _tag: "Request"; readonly item: string; readonly request: ModelRequest }
  /** No request can be made. */
  | { readonly _tag: "Failed"; readonly item: string; readonly cause: ErrorCause }

/** Rows of a run that samples. */
export interface PreparedRows extends Part {
  readonly _tag: "Prepared"
  /** One entry for each row, in their order. */
  readonly prepared: ReadonlyArray<PreparedRow>
  /** Whether the last row exceeded its time limit. */
  readonly expired: boolean
}

/** Time limits, in milliseconds. */
export interface Limits {
  /** The time slice of the request. After it no further row is started. */
  readonly sliceMillis: number
  /** The time limit for one row, or for one schema. */
  readonly millis: number
}

/** The requests, and their answers. */
export interface Operations {
  readonly checkSchema: {
    readonly request: Limits & { readonly schemaText: string }
    readonly answer: { readonly _tag: "GoodSchema" } | BadSchema | Expired
  }
  readonly validateRows: {
    readonly request: Limits & {
      readonly schemaText: string | undefined
      /** The time limit for compiling the schema. */
      readonly compileMillis: number
      readonly sampleRequired: boolean
      /** The fields of `sample` that the criteria read. */
      readonly sampleNames: ReadonlyArray<string>
      readonly rows: Uint8Array
    }
    readonly answer: Fitting | BadRow | BadSchema | Expired
  }
  readonly prepare: {
    readonly request: Limits & {
      /** The JSON of the run's data source, without rows. */
      readonly source: string
      readonly rows: Uint8Array
    }
    readonly answer: PreparedRows
  }
  readonly grade: {
    readonly request: Limits & {
      readonly criteria: string
      readonly rows: Uint8Array
      /** The replies to the questions of rows, by row from 0. */
      readonly replies: ByRow<ReadonlyArray<CriterionReplies>>
      /** Whether the answer has the usage of each row too. */
      readonly usageByRow: boolean
      /** The reason for which all rows are errored instead of judged. */
      readonly errored: ErrorCause | undefined
    }
    readonly answer: GradedRows
  }
  readonly runGrader: {
    readonly request: Limits & {
      readonly params: RunParams
      /** The replies to the questions of an earlier answer, in their order. */
      readonly replies: ReadonlyArray<Reply>
    }
    readonly answer:
      | { readonly _tag: "Ran"; readonly response: Grader.RunResponse }
      | { readonly _tag: "Asking"; readonly questions: ReadonlyArray<Question> }
      | { readonly _tag: "Unusable"; readonly problems: ReadonlyArray<Problem> }
      | Expired
  }
  readonly validateGrader: {
    readonly request: Limits & { readonly grader: Grader.GraderParam }
    readonly answer: { readonly _tag: "Validated"; readonly problems: ReadonlyArray<Problem> } | Expired
  }
}

/** The name of an operation. */
export type Operation = keyof Operations

/** A request with the name of its operation. */
export type Request = { [O in Operation]: { readonly operation: O } & Operations[O]["request"] }[Operation]

/** An answer to any request. */
export type Answer = Operations[Operation]["answer"]

/**
 * The message of a worker that is ready for its first request. The number is the version of this protocol. A bundled
 * worker with another version is refused.
 */
export const ready = "effect-evals worker 2"

/** Whether a time limit expired. The worker was stopped in the middle of its work, and gets no further request. */
export const isExpired = (answer: Answer): boolean =>
  answer._tag === "Expired" || ((answer._tag === "Graded" || answer._tag === "Prepared") && answer.expired)
