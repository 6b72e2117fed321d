/**
 * The engine: the operations of the API over a database, with runs executed in
 * the background.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { SqlError } from "effect/sql/SqlError"
import * as Projects from "../store/Projects.ts"
import * as Runs from "../store/Runs.ts"
import * as EngineOperations from "./operations/EngineOperations.ts"
import { Executor } from "./runs/Executor.ts"
import { seconds } from "./operations/shared.ts"
import { forbidden, type Rejection } from "./texts/Rejection.ts"
import { services } from "./runs/services.ts"

const TypeId: unique symbol = Symbol.for("effect-evals/engine/EvalsEngine")

/**
 * An engine. It is opaque: a client (`layerClient`, `makeFetch`) or a server
 * (`effect-evals/server`) is made over it, and has its operations.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  readonly [TypeId]: typeof TypeId
}

/**
 * The engine as a service. Programs talk to it through a client or a server that
 * is made over it.
 *
 * **Example** (One engine, a client in its own process and a server beside it)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 * import { NodeServer } from "effect-evals/server"
 *
 * const engine = EvalsEngine.layerSqlite({ filename: "evals.db" })
 *
 * export const layer = Layer.mergeAll(EvalsEngine.layerClient(), NodeServer.layer()).pipe(Layer.provide(engine))
 *
 * export const isThere: Effect.Effect<boolean, never, EvalsEngine.EvalsEngine> = Effect.as(EvalsEngine.EvalsEngine, true)
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class EvalsEngine extends Context.Service<EvalsEngine, Service>()("effect-evals/engine/EvalsEngine") {}

const operations = new WeakMap<Service, EngineOperations.EngineOperations>()

/**
 * Makes an engine of operations.
 *
 * @internal
 */
export const fromOperations = (all: EngineOperations.EngineOperations): Service => {
  const service: Service = { [TypeId]: TypeId }
  operations.set(service, all)
  return service
}

/**
 * The operations of the engine of the context.
 *
 * @internal
 */
export const operationsOf: Effect.Effect<EngineOperations.EngineOperations, never, EvalsEngine> = Effect.flatMap(
  EvalsEngine,
  (service) => {
    const all = operations.get(service)
    return all === undefined
      ? Effect.die(new TypeError("the EvalsEngine of the context was not made by this copy of effect-evals"))
      : Effect.succeed(all)
  }
)

/** How an engine is made. */
export interface Options {
  /**
   * The project of the database whose objects are served, where a request names
   * none. Default: the only one that the database holds, or `default` in a new one.
   */
  readonly project?: string | undefined
}

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
export const make = (
  options: Options
): Effect.Effect<Service, Rejection | SqlError, EngineOperations.Needs | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* services<EngineOperations.Needs>()
    const executor = yield* Executor
    const name = yield* projectOf(options.project)
    const project = yield* Projects.findOrCreate(name, yield* seconds)
    // that of a run which has ended, or is gone, is cleared away
    for (const job of yield* Runs.executions) yield* executor.start(job)
    const own: Projects.Caller = { project, createdBy: "" }
    const all = yield* EngineOperations.make((named) =>
      named === undefined || named === name
        ? Effect.succeed(own)
        : Projects.all.pipe(
            Effect.map((known) => {
              const other = known.get(named)
              return other === undefined ? own : { project: other, createdBy: "" }
            }),
            Effect.provideContext(context)
          )
    )
    return fromOperations(all)
  })

/** An engine over its services. */
export const layer = (options: Options = {}): Layer.Layer<EvalsEngine, Rejection | SqlError, EngineOperations.Needs> =>
  Layer.effect(EvalsEngine, make(options))
