/**
 * Has runs executed in the background: in this process alone, or so that they go
 * on after it.
 */
import * as Cause from "effect/Cause"
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
import * as RunnerHealth from "effect/cluster/RunnerHealth"
import * as Runners from "effect/cluster/Runners"
import * as RunnerStorage from "effect/cluster/RunnerStorage"
import * as Sharding from "effect/cluster/Sharding"
import * as ShardingConfig from "effect/cluster/ShardingConfig"
import * as SqlMessageStorage from "effect/cluster/SqlMessageStorage"
import * as Digest from "effect/crypto/Digest"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import * as Runs from "../store/Runs.ts"
import { Changes } from "./Changes.ts"
import type { Job, Needs } from "./Execution.ts"
import { isActive } from "./Lifecycle.ts"
import { layer as workflowLayer, makeTurns, type Payload, rowsOfActivity, RunWorkflow } from "./RunWorkflow.ts"

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

// a run that is stopped, or whose process ends, is interrupted, which is nothing to tell
const noted = (job: Job) => (cause: Cause.Cause<unknown>) =>
  Cause.hasInterruptsOnly(cause)
    ? Effect.void
    : Effect.logError(`run ${job.runId} is not looked after any more until the next start`, cause)

/**
 * Executes runs in this process. Each run has a workflow engine of its own, which
 * ends with it: the one in memory never forgets.
 */
export const layerMemory: Layer.Layer<Executor, never, Needs> = Layer.effect(
  Executor,
  Effect.gen(function* () {
    const fibers = yield* FiberMap.make<string>()
    const context = yield* Effect.context<Needs>()
    const workflow = workflowLayer(yield* makeTurns)
    const execute = (job: Job) =>
      RunWorkflow.execute(payloadOf(job)).pipe(
        Effect.andThen(Runs.forgetExecution(job.project, job.runId)),
        Effect.tapCause(noted(job)),
        Effect.provide(Layer.fresh(Layer.provideMerge(workflow, WorkflowEngine.layerMemory))),
        Effect.provideContext(context)
      )
    return Executor.of({
      start: (job) => Effect.asVoid(FiberMap.run(fibers, keyOf(job), execute(job), { onlyIfMissing: true })),
      stop: (job) =>
        Effect.andThen(
          FiberMap.remove(fibers, keyOf(job)),
          Effect.catch(Effect.provideContext(Runs.forgetExecution(job.project, job.runId), context), (error) =>
            Effect.logWarning(`the execution of run ${job.runId} is not forgotten yet: ${error.message}`)
          )
        )
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
  const clear = (executionId: string) => {
    const entityId = EntityId.make(executionId)
    return storage.clearAddress(
      EntityAddress.make({
        entityType: EntityType.make(`Workflow/${RunWorkflow._tag}`),
        entityId,
        shardId: sharding.getShardId(entityId, "default")
      })
    )
  }

  const isThrough = (executionId: string) =>
    Effect.map(
      withEngine(RunWorkflow.poll(executionId)),
      (polled) => Option.isSome(polled) && polled.value._tag === "Complete"
    )

  const execute = (job: Job) =>
    Effect.gen(function* () {
      const executionId = yield* RunWorkflow.executionId(payloadOf(job))
      // one that was given up, since the database failed, is begun anew; else it would be taken for done
      if (yield* isThrough(executionId)) yield* clear(executionId)
      // a workflow that runs already is not begun a second time
      yield* withEngine(RunWorkflow.execute(payloadOf(job), { discard: true }))
      yield* ended(job)
      const through = yield* Effect.repeat(isThrough(executionId), { schedule: settled, until: (done) => done })
      if (!through) return yield* Effect.logWarning(`the execution of run ${job.runId} is forgotten at the next start`)
      yield* clear(executionId)
      yield* withSql(Runs.forgetExecution(job.project, job.runId))
    }).pipe(Effect.tapCause(noted(job)))

  return Executor.of({
    start: (job) => Effect.asVoid(FiberMap.run(fibers, keyOf(job), execute(job), { onlyIfMissing: true })),
    stop: (job) =>
      Effect.gen(function* () {
        const executionId = yield* RunWorkflow.executionId(payloadOf(job))
        yield* engine.interruptUnsafe(RunWorkflow, executionId)
      })
  })
})

// the cluster gives a run up whose notes it cannot store; here they are tried again until there is room for them
const patience = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")])

const patiently = <A, E extends { readonly _tag: string }>(save: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  save.pipe(
    Effect.tapError((error) => Effect.logWarning("what is to be executed could not be noted yet", error)),
    Effect.retry({ schedule: patience, while: (error) => error._tag === "PersistenceError" })
  )

const patientStorage = Layer.effect(
  MessageStorage.MessageStorage,
  Effect.map(MessageStorage.MessageStorage, (stored) => ({
    ...stored,
    saveRequest: (request) => patiently(stored.saveRequest(request)),
    saveEnvelope: (envelope) => patiently(stored.saveEnvelope(envelope)),
    saveReply: (reply) => patiently(stored.saveReply(reply))
  }))
).pipe(Layer.provide(SqlMessageStorage.layer))

// one runner, as `SingleRunner` has it; the variables of the environment that steer a cluster of many are none of its
// business
const runner = Sharding.layer.pipe(
  Layer.provideMerge(Runners.layerNoop),
  Layer.provideMerge(patientStorage),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(ShardingConfig.layerFromEnv()),
  Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown({}))),
  Layer.orDie,
  Layer.provide(Digest.layerWebCrypto)
)

/**
 * Executes runs so that they survive this process: the cluster's single runner
 * notes in the database what is to be done, and takes it up again.
 */
export const layerDurable: Layer.Layer<Executor, never, Needs> = Layer.effect(Executor, makeDurable).pipe(
  Layer.provide(Layer.unwrap(Effect.map(makeTurns, workflowLayer))),
  Layer.provide(ClusterWorkflowEngine.layer.pipe(Layer.provideMerge(runner)))
)
