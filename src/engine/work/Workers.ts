/**
 * Runs all work in other processes that a user's content can make slow: checks item schemas, validates and judges rows,
 * runs graders. A schema with a hostile pattern, or a row that fills the memory, delays its own request a moment and no
 * other request.
 */
import { availableParallelism } from "node:os"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Grader from "../../schema/Grader.ts"
import type { Asking, RunParams } from "../graders/graderEndpoints.ts"
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

/** Runs work in other processes that a user's content can make slow. */
export interface Service {
  /** Compiles an item schema. Fails if it cannot be used. */
  readonly checkSchema: (schemaText: string) => Effect.Effect<void, InvalidItemSchema | WorkTimedOut | WorkerDied>
  /** Validates rows in order, up to the first wrong one. */
  readonly validateRows: (
    rows: Rows
  ) => Effect.Effect<Valid, InvalidRow | InvalidItemSchema | WorkTimedOut | WorkerDied>
  /**
   * Judges rows. `criteria` is the JSON of a list of `{ id, grader }`. A row whose criteria have questions is judged again
   * with the replies. A row that takes too long, fills the memory or cannot be read is errored, with its reason. The only
   * failure is that no worker can be started; `started` is then false.
   */
  readonly grade: (
    criteria: string,
    rows: Uint8Array | string,
    options?: GradeOptions
  ) => Effect.Effect<GradedBatch, WorkerDied>
  /** Makes the requests to the model, one for each row. `source` is the JSON of the run's data source, without rows. */
  readonly prepare: (source: string, rows: Uint8Array) => Effect.Effect<ReadonlyArray<PreparedRow>, WorkerDied>
  /** Runs one grader on one sample. A grader with questions is run again with the replies, in order. */
  readonly runGrader: (
    params: RunParams,
    replies?: ReadonlyArray<Reply>
  ) => Effect.Effect<Grader.RunResponse | Asking, UnusableGrader | WorkTimedOut | WorkerDied>
  /** Returns the faults for which a grader cannot be run. Empty if it can be run. */
  readonly validateGrader: (
    grader: Grader.GraderParam
  ) => Effect.Effect<ReadonlyArray<Problem>, WorkTimedOut | WorkerDied>
}

/** Runs work in other processes that a user's content can make slow. */
export class Workers extends Context.Service<Workers, Service>()("effect-evals/engine/Workers") {}

// =============================================================================
// options
// =============================================================================

/** The limits of workers. All are optional. */
export interface Options {
  /**
   * The most workers that judge rows of runs, the most that check rows, and the most for all other work. Default 2 to 4,
   * depending on the machine. A worker is started when there is work for it.
   */
  readonly size?: number
  /** The memory of one worker, in MiB. */
  readonly memoryMiB?: number
  /**
   * The program file of a worker: a path, or a `file:` URL. By default it is found in the installed package. A bundled
   * application must name it.
   */
  readonly program?: string | URL | undefined
  /** The time slice of one call, in milliseconds. After it the worker serves the next waiting call. */
  readonly sliceMillis?: number
  /** The time limit for compiling a schema, in milliseconds. */
  readonly compileMillis?: number
  /** The time limit for validating a row, in milliseconds. */
  readonly validateMillis?: number
  /** The time limit for judging a row, or for running a single grader, in milliseconds. */
  readonly gradeMillis?: number
}

/** The default limits. There are at least two workers, so that one hostile schema does not block all requests. */
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

/** Worker processes that start when there is work for them, and end with the scope. */
export const layer = (options: Options = {}): Layer.Layer<Workers> => Layer.effect(Workers, make(options))
