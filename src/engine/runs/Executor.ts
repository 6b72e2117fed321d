/**
 * Executes runs in the background, in this process.
 *
 * The database holds everything that an execution needs to resume: which runs are
 * unfinished, and how far each is. Where work is to be spread over several
 * machines, another layer of this service takes the place of {@link layerLocal}.
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
import * as Execution from "./Execution.ts"
import { isActive } from "./Lifecycle.ts"
import * as RowExecution from "./RowExecution.ts"
import { fail, type Job } from "./RunStatus.ts"
import { asksModels } from "./Setting.ts"
import { services } from "./services.ts"

/** Executes runs in the background. */
export interface Service {
  /**
   * Starts or resumes the execution of a run, and returns at once. A run that is executed already is left alone.
   * The span of the execution is a root, since it outlives the request: it has a link to `creator`, the span that
   * created the run.
   */
  readonly start: (job: Job, creator?: Tracer.AnySpan) => Effect.Effect<void>
  /** Interrupts the execution of a run that was canceled or deleted. */
  readonly stop: (job: Job) => Effect.Effect<void>
}

/** Executes runs in the background. */
export class Executor extends Context.Service<Executor, Service>()("effect-evals/engine/Executor") {}

/** The most runs that are executed at the same time: of those that ask models, and of the others. Further ones wait. */
export const maxConcurrentRuns = 32

/** The most rows that a run judges in one turn, before a run that waits gets its place. */
export const rowsPerTurn = 5000

/** Fails a run whose database could not be used for too long. */
const failFor = (job: Job, error: SqlError) =>
  persistently(job)(
    fail(job, {
      code: "internal_error",
      message: `The eval run failed due to an error of the database: ${error.message}`
    })
  )

/** One turn of a run. The value says whether the run has ended. */
const turn = (job: Job, pace: Execution.Pace): Effect.Effect<boolean, never, Execution.Needs> =>
  Execution.advance(job, rowsPerTurn, pace).pipe(
    retried(job),
    Effect.catch((error) => Effect.as(failFor(job, error), true))
  )

/** Executes a run that asks models, to its end. It does not take turns, as most of its time is waiting. */
const rows = (job: Job): Effect.Effect<void, never, Execution.Needs> =>
  RowExecution.executeRows(job).pipe(
    retried(job),
    Effect.catch((error) => failFor(job, error))
  )

/** Returns once the run is canceled or deleted, which another process may do as well. */
const canceledOrDeleted = (job: Job): Effect.Effect<void, SqlError, Execution.Needs> =>
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

/** The places of runs that are executed at the same time. */
interface Places {
  /** Of runs that take turns. */
  readonly turns: Semaphore.Semaphore
  /** Of runs that ask models. A run that waits for an endpoint keeps no other run from its turn. */
  readonly asking: Semaphore.Semaphore
}

const execute = (job: Job, { asking, turns }: Places): Effect.Effect<void, never, Execution.Needs> =>
  Effect.gen(function* () {
    const pace = Execution.slowly()
    const untilEnded = (yield* persistently(job)(asksModels(job)))
      ? asking.withPermits(1)(rows(job))
      : Effect.repeat(
          Effect.suspend(() => turns.withPermits(1)(turn(job, pace))),
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
 * Executes runs in fibers of this process. An execution that the process does not
 * finish is resumed by the next engine that is made over the same database.
 */
export const layerLocal: Layer.Layer<Executor, never, Execution.Needs> = Layer.effect(
  Executor,
  Effect.gen(function* () {
    const fibers = yield* FiberMap.make<string>()
    const context = yield* services<Execution.Needs>()
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
    return Executor.of({
      start: (job, creator) =>
        execute(job, places).pipe(
          Effect.withSpan("EvalsEngine.executeRun", spanOf(job, creator), { captureStackTrace: false }),
          Effect.provideContext(context),
          (execution) => FiberMap.run(fibers, keyOf(job), execution, { onlyIfMissing: true }),
          Effect.asVoid
        ),
      stop: (job) => Effect.andThen(FiberMap.remove(fibers, keyOf(job)), Effect.provideContext(forget(job), context))
    })
  })
)

/** Executes nothing: for an engine that only reads or cancels. */
export const layerNone: Layer.Layer<Executor> = Layer.succeed(
  Executor,
  Executor.of({ start: () => Effect.void, stop: () => Effect.void })
)
