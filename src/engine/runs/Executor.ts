/**
 * Executes runs in the background, in this process.
 *
 * The database holds everything that an execution needs to resume: the unfinished runs and their progress. To spread the
 * work over several machines, another layer of this service replaces {@link layerLocal}.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Semaphore from "effect/Semaphore"
import type { SqlError } from "effect/sql/SqlError"
import type * as Tracer from "effect/Tracer"
import * as Runs from "../../store/Runs.ts"
import { Changes } from "./Changes.ts"
import { persistently, retried } from "./databaseRetry.ts"
import * as BatchExecution from "./BatchExecution.ts"
import { isActive } from "./Lifecycle.ts"
import * as RowExecution from "./RowExecution.ts"
import { fail, type Job } from "./RunStatus.ts"
import { goesByRow } from "./StartedRun.ts"
import { services } from "./services.ts"

/** Executes runs in the background. */
export interface Service {
  /**
   * Starts or resumes the execution of a run, and returns at once. Has no effect if the run is executed already.
   * The span of the execution is a root, since it outlives the request: it has a link to `creator`, the span that
   * created the run.
   */
  readonly start: (job: Job, creator?: Tracer.AnySpan) => Effect.Effect<void>
  /** Starts the execution of a run that had ended. What is left of its earlier execution is interrupted. */
  readonly restart: (job: Job, creator?: Tracer.AnySpan) => Effect.Effect<void>
  /** Interrupts the execution of a run that was canceled or deleted. */
  readonly stop: (job: Job) => Effect.Effect<void>
}

/** Executes runs in the background. */
export class Executor extends Context.Service<Executor, Service>()("effect-evals/engine/Executor") {}

/** The most concurrent runs: of those that ask models, and of the others. Further runs wait in a queue. */
export const maxConcurrentRuns = 32

/** The most rows that a run judges in one turn. Then a waiting run gets a turn. */
export const rowsPerTurn = 5000

/** Fails a run whose database was unusable for too long. */
const failFor = (job: Job, error: SqlError) =>
  persistently(job)(
    fail(job, {
      code: "internal_error",
      message: `The eval run failed due to an error of the database: ${error.message}`
    })
  )

/** Executes one turn of a run. Returns whether the run has ended. */
const turn = (job: Job, size: BatchExecution.BatchSize): Effect.Effect<boolean, never, BatchExecution.Needs> =>
  BatchExecution.advance(job, rowsPerTurn, size).pipe(
    retried(job),
    Effect.catch((error) => Effect.as(failFor(job, error), true))
  )

/** Executes a run that asks models to its end. Such a run takes no turns, since it waits most of the time. */
const rows = (job: Job): Effect.Effect<void, never, BatchExecution.Needs> =>
  RowExecution.executeRows(job).pipe(
    retried(job),
    Effect.catch((error) => failFor(job, error))
  )

/** Returns once the run is canceled or deleted, by this process or another one. */
const canceledOrDeleted = (job: Job): Effect.Effect<void, SqlError, BatchExecution.Needs> =>
  Effect.scoped(
    Effect.gen(function* () {
      const changed = yield* (yield* Changes).subscribe(job.runId)
      while (true) {
        const status = yield* Runs.statusOf(job.project, job.runId)
        if (status === undefined || status === "canceled") return
        // the turns end by themselves
        if (!isActive(status)) return yield* Effect.never
        yield* Queue.take(changed)
      }
    })
  )

/** The semaphores that bound the concurrent runs. */
interface Places {
  /** For runs that take turns. */
  readonly turns: Semaphore.Semaphore
  /** For runs that ask models. They are bounded separately, since waiting for an endpoint must not delay turns. */
  readonly asking: Semaphore.Semaphore
}

const execute = (job: Job, { asking, turns }: Places): Effect.Effect<void, never, BatchExecution.Needs> =>
  Effect.gen(function* () {
    const size = BatchExecution.firstBatchSize()
    const untilEnded = (yield* persistently(job)(goesByRow(job)))
      ? asking.withPermits(1)(rows(job))
      : Effect.repeat(
          Effect.suspend(() => turns.withPermits(1)(turn(job, size))),
          { until: (ended) => ended }
        )
    yield* Effect.raceFirst(untilEnded, persistently(job)(canceledOrDeleted(job)))
    yield* persistently(job)(Runs.forgetExecution(job.project, job.runId))
  }).pipe(
    Effect.tapCause((cause) =>
      // interrupted by `stop`, or by the end of the process
      Cause.hasInterruptsOnly(cause)
        ? Effect.void
        : Effect.logError(`the execution of run ${job.runId} stopped; the next start of the engine resumes it`, cause)
    )
  )

const spanOf = ({ runId }: Job, creator: Tracer.AnySpan | undefined): Tracer.SpanOptions => ({
  root: true,
  attributes: { runId },
  links: creator === undefined ? [] : [{ span: creator, attributes: {} }]
})

const keyOf = ({ project, runId }: Job): string => `${project}/${runId}`

/**
 * Executes runs in fibers of this process. The next engine over the same database resumes the executions that this process
 * does not finish.
 */
export const layerLocal: Layer.Layer<Executor, never, BatchExecution.Needs> = Layer.effect(
  Executor,
  Effect.gen(function* () {
    const fibers = yield* FiberMap.make<string>()
    const context = yield* services<BatchExecution.Needs>()
    const places: Places = {
      turns: yield* Semaphore.make(maxConcurrentRuns),
      asking: yield* Semaphore.make(maxConcurrentRuns)
    }
    const forget = (job: Job) =>
      Runs.forgetExecution(job.project, job.runId).pipe(
        Effect.catch((error) =>
          Effect.logWarning(`the execution of run ${job.runId} is not removed from the database yet: ${error.message}`)
        )
      )
    const started = (job: Job, creator: Tracer.AnySpan | undefined, onlyIfMissing: boolean) =>
      execute(job, places).pipe(
        Effect.withSpan("EvalsEngine.executeRun", spanOf(job, creator), { captureStackTrace: false }),
        Effect.provideContext(context),
        (execution) => FiberMap.run(fibers, keyOf(job), execution, { onlyIfMissing }),
        Effect.asVoid
      )
    return Executor.of({
      start: (job, creator) => started(job, creator, true),
      restart: (job, creator) => started(job, creator, false),
      stop: (job) => Effect.andThen(FiberMap.remove(fibers, keyOf(job)), Effect.provideContext(forget(job), context))
    })
  })
)

/** Executes nothing. For an engine that only reads or cancels. */
export const layerNone: Layer.Layer<Executor> = Layer.succeed(
  Executor,
  Executor.of({ start: () => Effect.void, restart: () => Effect.void, stop: () => Effect.void })
)
