/**
 * The engine: the operations of the API over a database, with runs executed in
 * the background.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Projects from "../store/Projects.ts"
import * as Runs from "../store/Runs.ts"
import type { Changes } from "./Changes.ts"
import { Executor } from "./Executor.ts"
import { IdGenerator } from "./IdGenerator.ts"
import * as Evals from "./operations/evals.ts"
import * as Files from "./operations/files.ts"
import * as Graders from "./operations/graders.ts"
import * as OutputItems from "./operations/outputItems.ts"
import * as RunOperations from "./operations/runs.ts"
import { seconds } from "./operations/shared.ts"
import { forbidden, type Rejection } from "./Rejection.ts"
import { services } from "./services.ts"
import type { Sweeper } from "./Sweeper.ts"
import type { Workers } from "./Workers.ts"

/**
 * The operations of the API. Each is given the caller, and answers with JSON as it is served.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service
  extends Evals.Operations, RunOperations.Operations, OutputItems.Operations, Files.Operations, Graders.Operations {
  /**
   * On whose behalf a request is answered: that of the project which it names, if
   * the database holds it, else of the engine's own.
   */
  readonly caller: (project: string | undefined) => Effect.Effect<Projects.Caller, SqlError>
  /** An id for a request. */
  readonly requestId: Effect.Effect<string>
}

/**
 * The engine as a service. Programs talk to it through `EvalsClient`; this is what
 * a server is made of.
 *
 * **Example** (What a server asks of it)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const firstPage = Effect.gen(function* () {
 *   const engine = yield* EvalsEngine.EvalsEngine
 *   const caller = yield* engine.caller(undefined)
 *   return yield* engine.listEvals(caller, { limit: 20, order: "asc", orderBy: "created_at", after: undefined })
 * })
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class EvalsEngine extends Context.Service<EvalsEngine, Service>()("effect-evals/engine/EvalsEngine") {}

/** How an engine is made. */
export interface Options {
  /**
   * The project of the database whose objects are served, where a request names
   * none. Default: the only one that the database holds, or `default` in a new one.
   */
  readonly project?: string | undefined
}

/** What an engine is made of. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Executor | Changes | Sweeper

const projectOf = Effect.fnUntraced(function* (name: string | undefined) {
  const known = yield* Projects.all
  if (name !== undefined) return name
  const [only = Projects.defaultName, ...others] = known.keys()
  if (others.length === 0) return only
  return yield* forbidden(
    `The database holds several projects (${[...known.keys()].join(", ")}): name the one to serve, as option "project" or --project.`
  )
})

/** Makes an engine, and goes on with the runs that an earlier process has left. */
export const make = (options: Options): Effect.Effect<Service, Rejection | SqlError, Needs | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* services<Needs>()
    const executor = yield* Executor
    const ids = yield* IdGenerator
    const name = yield* projectOf(options.project)
    const project = yield* Projects.findOrCreate(name, yield* seconds)
    // that of a run which has ended, or is gone, is cleared away
    for (const job of yield* Runs.executions) yield* executor.start(job)
    const own: Projects.Caller = { project, createdBy: "" }
    return EvalsEngine.of({
      ...(yield* Evals.make),
      ...(yield* RunOperations.make),
      ...(yield* OutputItems.make),
      ...(yield* Files.make),
      ...(yield* Graders.make),
      requestId: ids.next("req_"),
      caller: (named) =>
        named === undefined || named === name
          ? Effect.succeed(own)
          : Projects.all.pipe(
              Effect.map((known) => {
                const other = known.get(named)
                return other === undefined ? own : { project: other, createdBy: "" }
              }),
              Effect.provideContext(context)
            )
    })
  })

/** An engine over its services. */
export const layer = (options: Options = {}): Layer.Layer<EvalsEngine, Rejection | SqlError, Needs> =>
  Layer.effect(EvalsEngine, make(options))
