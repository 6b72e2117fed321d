/**
 * A run as a workflow: the rows are worked on some thousand at a time, each time
 * as an activity, until the run is through.
 *
 * An activity that was cut off begins where the database stands, so what a
 * workflow engine remembers of it is only that it is done.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import type { SqlError } from "effect/sql/SqlError"
import * as Activity from "effect/workflow/Activity"
import * as Workflow from "effect/workflow/Workflow"
import { isDiskFull } from "../store/Sqlite.ts"
import * as Execution from "./Execution.ts"

/** The workflow of a run. `rows` is the size of an activity: it stays what it was when the run began. */
export const RunWorkflow = Workflow.make("effect-evals/run", {
  payload: { project: Schema.Int, runId: Schema.String, rows: Schema.Int },
  idempotencyKey: ({ project, runId }) => `${project}/${runId}`,
  success: Schema.Void
})

/** What is executed. */
export type Payload = (typeof RunWorkflow)["payloadSchema"]["Type"]

/** How many rows an activity works on: what a durable engine notes costs some milliseconds each time. */
export const rowsOfActivity = 5000

// a full disk is waited for, with what is stored as it is; anything else is tried again for a minute
const patience = Schedule.min([Schedule.exponential("100 millis"), Schedule.spaced("30 seconds")]).pipe(
  Schedule.setInputType<SqlError>(),
  Schedule.while(({ elapsed, input }) => isDiskFull(input) || elapsed < 60_000)
)

const again = (runId: string) => (error: SqlError) =>
  Effect.logWarning(
    isDiskFull(error)
      ? `run ${runId} waits: there is no room left on the disk of the database`
      : `run ${runId} tries again: ${error.message}`
  )

const advance = (payload: Payload, pace: Execution.Pace): Effect.Effect<boolean, never, Execution.Needs> =>
  Execution.advance(payload, payload.rows, pace).pipe(
    Effect.tapError(again(payload.runId)),
    Effect.retry(patience),
    Effect.catch((error) =>
      Execution.fail(payload, {
        code: "internal_error",
        message: `The eval run failed due to an error of the database: ${error.message}`
      }).pipe(
        // it stays as it is, and is taken up again by the next process
        Effect.catch(() => Effect.logError(`run ${payload.runId} is given up for now: ${error.message}`)),
        Effect.as(true)
      )
    )
  )

/**
 * How many runs are worked on at a time; the others wait, and take turns after each
 * activity. Many, since runs whose rows take long would keep all others waiting.
 */
export const runsAtOnce = 32

/** How many runs are worked on at a time, as what they share. */
export const makeTurns = Semaphore.make(runsAtOnce)

/** What runs have to do with each other, and with whoever stops one. */
export interface Shared {
  /** Of {@link makeTurns}. */
  readonly turns: Semaphore.Semaphore
  /** Waits until a run is cut off: canceled, or deleted. What is in flight of it, or waits for its turn, ends then. */
  readonly cutOff: (job: Execution.Job) => Effect.Effect<void>
}

/** Registers the workflow of runs, which take turns. */
export const layer = ({ cutOff, turns }: Shared) =>
  RunWorkflow.toLayer(
    Effect.fnUntraced(function* (payload: Payload) {
      const pace = Execution.slowly()
      for (let part = 0; ; part++) {
        const through = yield* Activity.make({
          name: `rows/${part}`,
          success: Schema.Boolean,
          execute: Effect.raceFirst(turns.withPermits(1)(advance(payload, pace)), Effect.as(cutOff(payload), true))
        })
        if (through) return
      }
    })
  )
