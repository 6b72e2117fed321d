/**
 * What the engine asks of its workers, and what they answer. Everything here is
 * copied between processes: plain data only.
 *
 * @internal
 */
import type * as Grader from "../../schema/Grader.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { ErrorCause } from "../../store/Runs.ts"
import type { CriterionQuestions, CriterionReplies } from "../graders/Criteria.ts"
import type { RunParams } from "../graders/endpoint.ts"
import type { Problem } from "../graders/multi.ts"
import type { Question, Reply } from "../graders/Scored.ts"
import type { Request as ModelRequest } from "../models/Models.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"

/** A time limit ran out, in a row or outside of all rows. */
export interface Expired {
  readonly _tag: "Expired"
  /** The line of the row, from 0. */
  readonly line: number | undefined
}

/** The worker is at fault: an error that nothing expected. */
export interface Fault {
  readonly _tag: "Fault"
  readonly message: string
}

/** A schema that is none. */
export interface BadSchema extends Finding {
  readonly _tag: "BadSchema"
}

/** A row that does not fit. */
export interface BadRow extends Finding {
  readonly _tag: "BadRow"
  /** From 0. */
  readonly row: number
  /** From 0. */
  readonly line: number
}

/** Some rows of a request were worked on, from the first on. */
interface Part {
  /** How many bytes of the request they took, with the blank lines among them. All of them at the end. */
  readonly bytes: number
  /** How many rows there were. */
  readonly rows: number
  /** How many lines there were, blank ones among them. */
  readonly lines: number
}

/** How many keys of rows are named that nothing reads. */
export const unknownKeysKept = 16

/** Rows whose sample has nothing that the criteria read. */
export interface Unread {
  /** The first of them, from 0. */
  readonly row: number
  /** Its line, from 0. */
  readonly line: number
  /** The keys of its sample, some at the most; undefined where it has no sample. */
  readonly keys: ReadonlyArray<string> | undefined
  /** How many such rows there are. */
  readonly rows: number
}

/** Rows that fit. */
export interface Fitting extends Part {
  readonly _tag: "Fitting"
  /** The models that samples name: two at the most. Samples that could not be taken name none. */
  readonly models: ReadonlyArray<string>
  /** Keys of rows besides `item` and `sample`: so many at the most. */
  readonly unknownKeys: ReadonlyArray<string>
  /** Undefined where there are none. */
  readonly unread: Unread | undefined
}

/** Something about single rows, by row from 0. Other rows are left out. */
export type ByRow<A> = ReadonlyArray<readonly [row: number, value: A]>

/** Rows that were judged, or are errored. One character or entry for each row, side by side. */
export interface GradedRows extends Part {
  readonly _tag: "Graded"
  /** `p` passed, `f` failed, `e` errored, `a` has questions. */
  readonly statuses: string
  /** `1` or `0` for each criterion of each row. */
  readonly passed: string
  /** The UTF-8 of what is stored of each row, one after the other: bytes are copied between processes faster than texts. */
  readonly tails: Uint8Array
  /** Where the tail of each row ends. A row that has questions has none yet. */
  readonly ends: Uint32Array
  /** Where rows show their sample again (`copies` of `ItemText.ts`). */
  readonly copies: ByRow<ReadonlyArray<number>>
  /** The first error of each errored row. */
  readonly causes: ByRow<ErrorCause>
  /** The questions of rows that have some. */
  readonly questions: ByRow<ReadonlyArray<CriterionQuestions>>
  /** The tokens that samples and judges took, by model. Rows that have questions are not counted yet. */
  readonly usage: ReadonlyArray<ModelUsage>
  /** The same for each row that took some, where that was asked for. */
  readonly usages: ByRow<ReadonlyArray<ModelUsage>>
  /** Whether the last row took too long. */
  readonly expired: boolean
}

/** A row of a run that samples. `item` is the JSON of its item, as the row has it. */
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
  /** Whether the last row took too long. */
  readonly expired: boolean
}

/** Limits of time, in milliseconds. */
export interface Limits {
  /** After so long no further row is begun. */
  readonly sliceMillis: number
  /** What one thing (a row, a schema) may take. */
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
      /** What compiling the schema may take. */
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
      /** Whether usage is told for each row too. */
      readonly usageByRow: boolean
      /** The rows are not judged: they are errored, for this reason. */
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

/** What can be asked for. */
export type Operation = keyof Operations

/** A request, with its operation. */
export type Request = { [O in Operation]: { readonly operation: O } & Operations[O]["request"] }[Operation]

/** An answer to any request. */
export type Answer = Operations[Operation]["answer"]

/**
 * The message of a worker that is ready for its first request. The number is that of
 * this protocol: a bundled worker that was built from another one is refused.
 */
export const ready = "effect-evals worker 2"

/** Whether a limit ran out: the worker stopped in the middle of something, and is not asked again. */
export const isExpired = (answer: Answer): boolean =>
  answer._tag === "Expired" || ((answer._tag === "Graded" || answer._tag === "Prepared") && answer.expired)
