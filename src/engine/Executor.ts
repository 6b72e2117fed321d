/**
 * Has runs executed in the background: in this process alone, or so that they go
 * on after it.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
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
  /** Has the work on a run stopped that is canceled or gone: what is in flight of it ends, perhaps a moment later. */
  readonly stop: (job: Job) => Effect.Effect<void>
}

/** Has runs executed. */
export class Executor extends Context.Service<Executor, Service>()("effect-evals/engine/Executor") {}

const payloadOf = ({ project, runId }: Job): Payload => ({ project, runId, rows: rowsOfActivity })

const keyOf = ({ project, runId }: Job): string => `${project}/${runId}`

// a run that is stopped, or whose process ends, is interrupted, which is nothing to tell
const logged = (job: Job) => (cause: Cause.Cause<unknown>) =>
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
    // a run that is stopped is interrupted as a whole
    const workflow = workflowLayer({ turns: yield* makeTurns, cutOff: () => Effect.never })
    const execute = (job: Job) =>
      RunWorkflow.execute(payloadOf(job)).pipe(
        Effect.andThen(Runs.forgetExecution(job.project, job.runId)),
        Effect.tapCause(logged(job)),
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

// when something is tried again that the database keeps from being done, or looked at that takes a moment
const patience = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")])

/** Tells the work on a run in this process that the run is canceled or gone. */
interface Cuts {
  readonly wait: (job: Job) => Effect.Effect<void>
  readonly cut: (job: Job) => Effect.Effect<void>
  /** Nobody waits any more. */
  readonly forget: (job: Job) => Effect.Effect<void>
}

const makeCuts = (): Cuts => {
  const latches = new Map<string, Latch.Latch>()
  const latchOf = (job: Job): Latch.Latch => {
    const latch = latches.get(keyOf(job)) ?? Latch.makeUnsafe()
    latches.set(keyOf(job), latch)
    return latch
  }
  return {
    wait: (job) => Effect.suspend(() => latchOf(job).await),
    cut: (job) => Effect.sync(() => latchOf(job).openUnsafe()),
    forget: (job) => Effect.sync(() => latches.delete(keyOf(job)))
  }
}

const makeDurable = Effect.fnUntraced(function* (cuts: Cuts) {
  const fibers = yield* FiberMap.make<string>()
  const sql = yield* SqlClient.SqlClient
  const changes = yield* Changes
  const engine = yield* WorkflowEngine.WorkflowEngine
  const storage = yield* MessageStorage.MessageStorage
  const sharding = yield* Sharding.Sharding
  const withEngine = Effect.provideService(WorkflowEngine.WorkflowEngine, engine)
  const withSql = Effect.provideService(SqlClient.SqlClient, sql)

  /** Waits until there is nothing more to do for a run. The value tells whether it was cut off: canceled, or deleted. */
  const ended = (job: Job): Effect.Effect<boolean, SqlError> =>
    Effect.scoped(
      Effect.gen(function* () {
        const changed = yield* changes.subscribe(job.runId)
        while (true) {
          const run = yield* withSql(Runs.findById(job.project, job.runId))
          if (run === undefined || !isActive(run.status)) return run === undefined || run.status === "canceled"
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
      // not the cluster's own interruption: that would have to be noted first, and the note cleared
      if (yield* ended(job)) yield* cuts.cut(job)
      yield* Effect.repeat(isThrough(executionId), { schedule: patience, until: (through) => through })
      yield* cuts.forget(job)
      yield* clear(executionId)
      yield* withSql(Runs.forgetExecution(job.project, job.runId))
    }).pipe(
      Effect.tapError((error) => Effect.logWarning(`run ${job.runId} is looked after again in a moment`, error)),
      Effect.retry(patience),
      Effect.tapCause(logged(job))
    )

  return Executor.of({
    start: (job) => Effect.asVoid(FiberMap.run(fibers, keyOf(job), execute(job), { onlyIfMissing: true })),
    // left to the fiber that looks after the run: whoever stops it does not wait for what the cluster notes of it
    stop: (job) => changes.notify(job.runId)
  })
})

// =============================================================================
// what is noted of it
// =============================================================================

const longestPause = 30_000

// The cluster gives a run up whose notes it cannot store or read; here it is tried again until that works. Where the
// cluster does not let itself be interrupted, it does while it waits for that: else it could not be stopped.
const patiently = <A, E extends { readonly _tag: string }>(
  attempt: Effect.Effect<A, E>,
  what: string,
  pause = 100
): Effect.Effect<A, E> =>
  Effect.catch(attempt, (error) =>
    error._tag === "PersistenceError"
      ? Effect.logWarning(`what is to be executed could not be ${what} yet`, error).pipe(
          Effect.andThen(Effect.interruptible(Effect.sleep(pause))),
          Effect.andThen(patiently(attempt, what, Math.min(2 * pause, longestPause)))
        )
      : Effect.fail(error)
  )

// the library's own makes defects of what the database says when its tables are made
const storage = Layer.catchCause(SqlMessageStorage.layer, (cause) => {
  const defect = Cause.squash(cause)
  return Layer.effect(
    MessageStorage.MessageStorage,
    isSqlError(defect) || defect instanceof Migrator.MigrationError ? Effect.fail(defect) : Effect.failCause(cause)
  )
})

const patientStorage = Layer.effect(
  MessageStorage.MessageStorage,
  Effect.map(MessageStorage.MessageStorage, (stored) => ({
    ...stored,
    saveRequest: (request) => patiently(stored.saveRequest(request), "noted"),
    saveEnvelope: (envelope) => patiently(stored.saveEnvelope(envelope), "noted"),
    saveReply: (reply) => patiently(stored.saveReply(reply), "noted"),
    repliesForUnfiltered: (ids) => patiently(stored.repliesForUnfiltered(ids), "read"),
    requestIdForPrimaryKey: (key) => patiently(stored.requestIdForPrimaryKey(key), "read")
  }))
).pipe(Layer.provide(storage))

// One runner, as `SingleRunner` has it; the variables of the environment that steer a cluster of many are none of its
// business. What it is at when it stops is begun anew by the next one, so nothing is waited for.
const runner = Sharding.layer.pipe(
  Layer.provideMerge(Runners.layerNoop),
  Layer.provideMerge(patientStorage),
  Layer.provide([RunnerStorage.layerMemory, RunnerHealth.layerNoop]),
  Layer.provide(ShardingConfig.layer({ entityTerminationTimeout: 0 })),
  Layer.provide(Digest.layerWebCrypto)
)

/**
 * Executes runs so that they survive this process: the cluster's single runner
 * notes in the database what is to be done, and takes it up again.
 */
export const layerDurable: Layer.Layer<Executor, SqlError | Migrator.MigrationError, Needs> = Layer.unwrap(
  Effect.map(makeTurns, (turns) => {
    const cuts = makeCuts()
    return Layer.effect(Executor, makeDurable(cuts)).pipe(Layer.provide(workflowLayer({ turns, cutOff: cuts.wait })))
  })
).pipe(Layer.provide(ClusterWorkflowEngine.layer.pipe(Layer.provideMerge(runner))))
