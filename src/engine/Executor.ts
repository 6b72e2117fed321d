/**
 * Has runs executed in the background: in this process alone, or so that they go
 * on after it.
 */
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as ClusterWorkflowEngine from "effect/cluster/ClusterWorkflowEngine"
import * as EntityAddress from "effect/cluster/EntityAddress"
import * as EntityId from "effect/cluster/EntityId"
import * as EntityType from "effect/cluster/EntityType"
import * as MessageStorage from "effect/cluster/MessageStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as SingleRunner from "effect/cluster/SingleRunner"
import * as Digest from "effect/crypto/Digest"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as Runs from "../store/Runs.ts"
import { Changes } from "./Changes.ts"
import type { Job, Needs } from "./Execution.ts"
import { isActive } from "./Lifecycle.ts"
import { layer as workflowLayer, type Payload, rowsOfActivity, RunWorkflow } from "./RunWorkflow.ts"

/** Has runs executed. */
export interface Service {
  /** Begins, or goes on with, the execution of a run, and does not wait for it. */
  readonly start: (job: Job) => Effect.Effect<void>
  /** Stops the work on a run; what is in flight of it is interrupted. */
  readonly stop: (job: Job) => Effect.Effect<void>
}

/** Has runs executed. */
export class Executor extends Context.Service<Executor, Service>()("effect-evals/engine/Executor") {}

const payloadOf = ({ project, runId }: Job): Payload => ({ project, runId, rows: rowsOfActivity })

const keyOf = ({ project, runId }: Job): string => `${project}/${runId}`

/**
 * Executes runs in this process. Each run has a workflow engine of its own, which
 * ends with it: the one in memory never forgets.
 */
export const layerMemory: Layer.Layer<Executor, never, Needs> = Layer.effect(
  Executor,
  Effect.gen(function* () {
    const fibers = yield* FiberMap.make<string>()
    const context = yield* Effect.context<Needs>()
    const execute = (job: Job) =>
      RunWorkflow.execute(payloadOf(job)).pipe(
        Effect.andThen(Runs.forgetExecution(job.project, job.runId)),
        Effect.tapCause((cause) => Effect.logError(`run ${job.runId} was not worked on to its end`, cause)),
        Effect.provide(Layer.fresh(Layer.provideMerge(workflowLayer, WorkflowEngine.layerMemory))),
        Effect.provideContext(context)
      )
    return Executor.of({
      start: (job) => Effect.asVoid(FiberMap.run(fibers, keyOf(job), execute(job), { onlyIfMissing: true })),
      stop: (job) => FiberMap.remove(fibers, keyOf(job))
    })
  })
)

// =============================================================================
// durable
// =============================================================================

/** How often it is asked whether the workflow of a run that has ended is through too. */
const settled = Schedule.spaced("200 millis").pipe(Schedule.upTo({ times: 50 }))

const makeDurable = Effect.gen(function* () {
  const fibers = yield* FiberMap.make<string>()
  const sql = yield* SqlClient.SqlClient
  const changes = yield* Changes
  const engine = yield* WorkflowEngine.WorkflowEngine
  const storage = yield* MessageStorage.MessageStorage
  const sharding = yield* Sharding.Sharding
  const withEngine = Effect.provideService(WorkflowEngine.WorkflowEngine, engine)
  const withSql = Effect.provideService(SqlClient.SqlClient, sql)

  const ended = (job: Job): Effect.Effect<void, SqlError> =>
    Effect.scoped(
      Effect.gen(function* () {
        const changed = yield* changes.subscribe(job.runId)
        while (true) {
          const run = yield* withSql(Runs.findById(job.project, job.runId))
          if (run === undefined || !isActive(run.status)) return
          yield* Queue.take(changed)
        }
      })
    )

  // what the cluster notes of a workflow stays for ever unless it is cleared
  const forget = (job: Job, executionId: string) =>
    Effect.gen(function* () {
      const entityId = EntityId.make(executionId)
      yield* storage.clearAddress(
        EntityAddress.make({
          entityType: EntityType.make(`Workflow/${RunWorkflow._tag}`),
          entityId,
          shardId: sharding.getShardId(entityId, "default")
        })
      )
      yield* withSql(Runs.forgetExecution(job.project, job.runId))
    })

  const execute = (job: Job) =>
    Effect.gen(function* () {
      // a workflow that runs already, or is through, is not begun a second time
      const executionId = yield* withEngine(RunWorkflow.execute(payloadOf(job), { discard: true }))
      yield* ended(job)
      const result = yield* Effect.repeat(withEngine(RunWorkflow.poll(executionId)), {
        schedule: settled,
        until: (polled) => Option.isSome(polled) && polled.value._tag === "Complete"
      })
      // else the next process looks after it
      if (Option.isSome(result)) yield* forget(job, executionId)
    }).pipe(
      Effect.tapCause((cause) =>
        Effect.logError(`the execution of run ${job.runId} is not looked after any more`, cause)
      )
    )

  return Executor.of({
    start: (job) => Effect.asVoid(FiberMap.run(fibers, keyOf(job), execute(job), { onlyIfMissing: true })),
    stop: (job) =>
      Effect.gen(function* () {
        const executionId = yield* RunWorkflow.executionId(payloadOf(job))
        yield* engine.interruptUnsafe(RunWorkflow, executionId)
      })
  })
})

// the variables of the environment that steer a cluster of many are none of this one's business
const runner = SingleRunner.layer({ runnerStorage: "memory" }).pipe(
  Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({}))),
  Layer.orDie,
  Layer.provide(Digest.layerWebCrypto)
)

/**
 * Executes runs so that they survive this process: the cluster's single runner
 * notes in the database what is to be done, and takes it up again.
 */
export const layerDurable: Layer.Layer<Executor, never, Needs> = Layer.effect(Executor, makeDurable).pipe(
  Layer.provide(workflowLayer),
  Layer.provide(ClusterWorkflowEngine.layer.pipe(Layer.provideMerge(runner)))
)
