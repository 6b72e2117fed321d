/**
 * The ceilings of an engine: over each run, and over the money of a day.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as RunUsage from "../../store/RunUsage.ts"
import { CeilingReached } from "../models/ModelError.ts"
import type { Ceilings, Shared } from "../models/Spending.ts"

/**
 * The ceilings of an engine. Those of requests, tokens and `maxCost` hold for each run.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options extends Ceilings {
  /**
   * The most money of a day, which ends at midnight UTC, over all runs and requests to `graders/run`. Commands that work
   * on the same file count too.
   */
  readonly maxCostPerDay?: number | undefined
}

/** The money of a day. */
export interface Day extends Shared {
  /** Stores what was added since. */
  readonly save: Effect.Effect<void, SqlError, SqlClient.SqlClient>
}

/** The ceilings of an engine. */
export interface Service {
  readonly options: Options
  readonly day: Day
}

/** The ceilings of the engine. */
export const Budget = Context.Reference<Service>("effect-evals/engine/Budget", {
  defaultValue: () => ({
    options: {},
    day: { isBounded: false, refuses: () => undefined, add: () => {}, save: Effect.void }
  })
})

/** The day of a time in milliseconds, such as `2026-11-29`. */
const dayOf = (millis: number): string => new Date(millis).toISOString().slice(0, "2026-11-29".length)

/** Makes the ceilings of an engine, with the money that this day has seen. */
export const make = (options: Options): Effect.Effect<Service, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const clock = yield* Clock.Clock
    const today = () => dayOf(clock.currentTimeMillisUnsafe())
    const limit = options.maxCostPerDay
    let day = today()
    let stored = yield* RunUsage.costOf(day)
    let unsaved = 0
    const turn = () => {
      const now = today()
      if (now === day) return
      day = now
      stored = 0
    }
    return {
      options,
      day: {
        isBounded: limit !== undefined,
        refuses: () => {
          turn()
          return limit === undefined || stored + unsaved < limit
            ? undefined
            : new CeilingReached({
                code: "max_cost_per_day",
                message: `the limit of ${limit} for the cost of a day is reached; the day ends at midnight UTC`
              })
        },
        add: (cost) => {
          turn()
          unsaved += cost
        },
        save: Effect.suspend(() => {
          if (unsaved === 0) return Effect.void
          turn()
          const cost = unsaved
          const of = day
          unsaved = 0
          stored += cost
          return RunUsage.addCost(of, cost).pipe(
            Effect.map((sum) => {
              // another process may have added too
              if (of === day) stored = sum
            }),
            Effect.tapError(() =>
              Effect.sync(() => {
                stored -= cost
                unsaved += cost
              })
            ),
            Effect.uninterruptible
          )
        })
      }
    }
  })
