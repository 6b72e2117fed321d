/**
 * The engine: the operations of the API over a database. It executes runs in the background.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Projects from "../store/Projects.ts"
import * as Runs from "../store/Runs.ts"
import * as EngineOperations from "./operations/EngineOperations.ts"
import * as Sweeper from "./operations/Sweeper.ts"
import * as Project from "./project.ts"
import { AnswerCache } from "./models/AnswerCache.ts"
import { Trace } from "./models/Observation.ts"
import * as Budget from "./runs/Budget.ts"
import * as Changes from "./runs/Changes.ts"
import type * as BatchExecution from "./runs/BatchExecution.ts"
import * as answerCache from "./runs/answerCache.ts"
import * as Executor from "./runs/Executor.ts"
import { services } from "./runs/services.ts"
import * as IdGenerator from "./texts/IdGenerator.ts"
import * as Workers from "./work/Workers.ts"

const TypeId: unique symbol = Symbol.for("effect-evals/engine/EvalsEngine")

/**
 * An engine. It is opaque: a client (`layerClient`, `makeFetch`) or a server (`effect-evals/server`) over it has its
 * operations.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  readonly [TypeId]: typeof TypeId
}

/**
 * The engine as a service. Programs use it through a client or a server.
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

interface Made {
  readonly operations: EngineOperations.EngineOperations
  readonly resumed: ReadonlyArray<Runs.Execution>
}

const made = new WeakMap<Service, Made>()

const madeOf: Effect.Effect<Made, never, EvalsEngine> = Effect.flatMap(EvalsEngine, (service) => {
  const found = made.get(service)
  return found === undefined
    ? Effect.die(new TypeError("the EvalsEngine of the context was not made by this copy of effect-evals"))
    : Effect.succeed(found)
})

/**
 * The operations of the engine of the context.
 *
 * @internal
 */
export const operationsOf: Effect.Effect<EngineOperations.EngineOperations, never, EvalsEngine> = Effect.map(
  madeOf,
  ({ operations }) => operations
)

/**
 * The executions that the engine of the context resumed when it was made.
 *
 * @internal
 */
export const resumedBy: Effect.Effect<ReadonlyArray<Runs.Execution>, never, EvalsEngine> = Effect.map(
  madeOf,
  ({ resumed }) => resumed
)

/** The settings and the replaceable parts of an engine. */
export interface Options {
  /** The project of requests that name none. Default: the only one of the database, or `default`. */
  readonly project?: string | undefined
  /** The projects that may be created if the database does not hold them. Default `any`. */
  readonly creates?: Project.Creates | undefined
  /** Selects the unfinished executions of earlier processes that are resumed. Default: all, of every project. */
  readonly resume?: ((job: Runs.Execution, project: number) => boolean) | undefined
  /** Executes runs. Default `Executor.layerLocal`. With `Executor.layerNone` the engine only reads and cancels. */
  readonly executor?: Layer.Layer<Executor.Executor, never, BatchExecution.Needs> | undefined
  /** Deletes the remaining data of removed objects. Default: also that of earlier processes. */
  readonly sweeper?: Layer.Layer<Sweeper.Sweeper, never, SqlClient.SqlClient> | undefined
  /** Announces changes of runs. Default: those of this process only. */
  readonly changes?: Layer.Layer<Changes.Changes, never, SqlClient.SqlClient> | undefined
  /** The ceilings over what runs spend on models. Default: none. */
  readonly ceilings?: Budget.Options | undefined
  /** Whether answers of models are kept in the database, and the same request is not sent again. Default: false. */
  readonly cache?: boolean | undefined
  /** The requests to models that have a span. Default `errors`. */
  readonly trace?: Trace | undefined
  /** The worker processes. */
  readonly workers?: Layer.Layer<Workers.Workers> | undefined
}

const make = Effect.fnUntraced(function* ({ name, project }: Project.Project, resume: Options["resume"]) {
  const context = yield* services<EngineOperations.Needs>()
  const executor = yield* Executor.Executor
  const resumed = (yield* Runs.executions).filter((job) => resume === undefined || resume(job, project))
  // the executor removes the execution of a run that has ended or is deleted
  for (const job of resumed) yield* executor.start(job)
  const own: Projects.Caller = { project, createdBy: "" }
  const operations = yield* EngineOperations.make((named) =>
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
  const service: Service = { [TypeId]: TypeId }
  made.set(service, { operations, resumed })
  return service
})

/** Puts an engine together over a database. Every engine is made here. */
export const layer = ({
  cache = false,
  ceilings = {},
  changes = Changes.layer,
  creates = "any",
  executor = Executor.layerLocal,
  project: name,
  resume,
  sweeper = Sweeper.layer,
  trace = "errors",
  workers = Workers.layer()
}: Options = {}): Layer.Layer<EvalsEngine, Project.ProjectError | SqlError, SqlClient.SqlClient> =>
  Layer.unwrap(
    // a refused project keeps the other parts from starting
    Effect.map(Project.choose(name, creates), (project) =>
      Layer.effect(EvalsEngine, make(project, resume)).pipe(
        Layer.provide(sweeper),
        Layer.provide(executor),
        Layer.provide(Layer.mergeAll(workers, IdGenerator.layer, changes)),
        Layer.provide(
          Layer.mergeAll(
            Layer.effect(Budget.Budget, Budget.make(ceilings)),
            Layer.succeed(Trace, trace),
            cache ? Layer.effect(AnswerCache, answerCache.make) : Layer.empty
          )
        )
      )
    )
  )
