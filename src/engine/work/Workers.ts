/**
 * Does in other processes whatever a user's content can make slow: item schemas
 * are checked there, rows validated and judged, graders run. A schema with a
 * hostile pattern, or a row that fills the memory, costs its own request a moment
 * and everybody else nothing.
 */
import { availableParallelism } from "node:os"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Grader from "../../schema/Grader.ts"
import type { Asking, RunParams } from "../graders/endpoint.ts"
import type { Problem } from "../graders/multi.ts"
import type { Reply } from "../graders/Scored.ts"
import * as ProcessPool from "./ProcessPool.ts"
import type { PreparedRow } from "./protocol.ts"
import { type GradedBatch, type GradeOptions, makeGrade } from "./rowGrading.ts"
import { makePrepare } from "./rowPreparation.ts"
import { makeValidateRows, type Rows, type Valid } from "./rowValidation.ts"
import {
  type InvalidItemSchema,
  invalidSchema,
  type InvalidRow,
  timedOut,
  UnusableGrader,
  type WorkerDied,
  type WorkTimedOut
} from "./workErrors.ts"

// =============================================================================
// service
// =============================================================================

/** Does what a user's content can make slow. */
export interface Service {
  /** Whether an item schema can be used. */
  readonly checkSchema: (schemaText: string) => Effect.Effect<void, InvalidItemSchema | WorkTimedOut | WorkerDied>
  /** Looks at rows one after the other, up to the first that is wrong. */
  readonly validateRows: (
    rows: Rows
  ) => Effect.Effect<Valid, InvalidRow | InvalidItemSchema | WorkTimedOut | WorkerDied>
  /**
   * Judges rows. `criteria` is the
   * JSON of a list of `{ id, grader }`. A row whose criteria have questions is
   * judged again with the replies. A row that takes too long, fills the
   * memory or cannot be read is errored, and says so; the only failure is that no
   * worker can be started (`started` is false then).
   */
  readonly grade: (
    criteria: string,
    rows: Uint8Array | string,
    options?: GradeOptions
  ) => Effect.Effect<GradedBatch, WorkerDied>
  /** Makes the requests of rows to the model. `source` is the JSON of the run's data source, without rows. */
  readonly prepare: (source: string, rows: Uint8Array) => Effect.Effect<ReadonlyArray<PreparedRow>, WorkerDied>
  /** Puts one grader to one sample. A grader with questions is run again with the replies, in their order. */
  readonly runGrader: (
    params: RunParams,
    replies?: ReadonlyArray<Reply>
  ) => Effect.Effect<Grader.RunResponse | Asking, UnusableGrader | WorkTimedOut | WorkerDied>
  /** The faults that keep a grader from being run. There are none where it can be run. */
  readonly validateGrader: (
    grader: Grader.GraderParam
  ) => Effect.Effect<ReadonlyArray<Problem>, WorkTimedOut | WorkerDied>
}

/** Does what a user's content can make slow. */
export class Workers extends Context.Service<Workers, Service>()("effect-evals/engine/Workers") {}

// =============================================================================
// options
// =============================================================================

/** What workers may take. All of it may be left out. */
export interface Options {
  /**
   * How many may judge the rows of runs at a time, how many check rows, and how
   * many do all else; 2 to 4 each when left out, by the machine. They are started
   * when there is work for them.
   */
  readonly size?: number
  /** The memory of one, in MiB. */
  readonly memoryMiB?: number
  /**
   * The program file of a worker: a path, or a `file:` URL. It is found by itself
   * where this package is installed; a bundled application names it.
   */
  readonly program?: string | URL | undefined
  /** How long a worker stays with one call, in milliseconds, before it turns to the next that waits. */
  readonly sliceMillis?: number
  /** How long a schema may take to be compiled, in milliseconds. */
  readonly compileMillis?: number
  /** How long a row may take to be validated, in milliseconds. */
  readonly validateMillis?: number
  /** How long a row, or a single grader, may take to be judged, in milliseconds. */
  readonly gradeMillis?: number
}

/** The limits where nothing else is said. At least two workers, so that one hostile schema does not hold up everybody. */
export const defaults: Required<Omit<Options, "program">> = {
  size: Math.max(2, Math.min(4, availableParallelism())),
  memoryMiB: 512,
  sliceMillis: 50,
  compileMillis: 5000,
  validateMillis: 2000,
  gradeMillis: 5000
}

// =============================================================================
// implementation
// =============================================================================

const make = Effect.fnUntraced(function* (options: Options) {
  const limits = { ...defaults, ...options }
  const { compileMillis, gradeMillis, sliceMillis } = limits
  const pool = yield* ProcessPool.make(limits)

  const checkSchema: Service["checkSchema"] = Effect.fnUntraced(function* (schemaText) {
    const answer = yield* pool.ask("checkSchema", { schemaText, millis: compileMillis, sliceMillis })
    if (answer._tag === "BadSchema") return yield* invalidSchema(answer)
    if (answer._tag === "Expired") return yield* timedOut("compiling the item schema", compileMillis)
  })

  const runGrader: Service["runGrader"] = Effect.fnUntraced(function* (params, replies = []) {
    const answer = yield* pool.ask("runGrader", { params, replies, millis: gradeMillis, sliceMillis })
    if (answer._tag === "Unusable") return yield* new UnusableGrader({ problems: answer.problems })
    if (answer._tag === "Expired") return yield* timedOut("running the grader", gradeMillis)
    return answer._tag === "Asking" ? { questions: answer.questions } : answer.response
  })

  const validateGrader: Service["validateGrader"] = Effect.fnUntraced(function* (grader) {
    const answer = yield* pool.ask("validateGrader", { grader, millis: gradeMillis, sliceMillis })
    return answer._tag === "Expired" ? yield* timedOut("checking the grader", gradeMillis) : answer.problems
  })

  return Workers.of({
    checkSchema,
    validateRows: makeValidateRows(pool, limits),
    prepare: makePrepare(pool, limits),
    grade: makeGrade(pool, limits),
    runGrader,
    validateGrader
  })
})

/** Workers that are started when there is work for them, and end with the scope. */
export const layer = (options: Options = {}): Layer.Layer<Workers> => Layer.effect(Workers, make(options))
