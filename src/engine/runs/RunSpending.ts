/**
 * The things that a run spends on models, across all its executions.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { guard } from "../../schema/guard.ts"
import * as RunUsage from "../../store/RunUsage.ts"
import * as Spending from "../models/Spending.ts"
import { Budget, type Day } from "./Budget.ts"
import type { Job } from "./RunStatus.ts"

/** The spending of a run. */
export interface RunSpending extends Spending.Counting {
  /** The spending, if it is not stored yet. */
  readonly unsaved: () => Spending.Spent | undefined
  /** Says that what was spent is stored. */
  readonly saved: (spent: Spending.Spent) => void
  readonly day: Day
}

const Ceilings = Schema.Struct({
  maxRequests: Schema.optionalKey(Schema.Finite),
  maxTokens: Schema.optionalKey(Schema.Finite),
  maxCost: Schema.optionalKey(Schema.Finite)
})

const isSpent = guard(Spending.Spent)
const isCeilings = guard(Ceilings)

const parsed = <A>(text: string | null | undefined, is: (value: unknown) => value is A): A | undefined => {
  const value: unknown = typeof text === "string" ? JSON.parse(text) : undefined
  return is(value) ? value : undefined
}

/** Reads what a run has spent, as it is stored. */
export const spentOf = (value: unknown): Spending.Spent | undefined => (isSpent(value) ? value : undefined)

const lower = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined ? other : other === undefined ? one : Math.min(one, other)

/** The lower of two ceilings each. */
export const lowest = (one: Spending.Ceilings, other: Spending.Ceilings): Spending.Ceilings => ({
  maxRequests: lower(one.maxRequests, other.maxRequests),
  maxTokens: lower(one.maxTokens, other.maxTokens),
  maxCost: lower(one.maxCost, other.maxCost)
})

/** Continues the spending of a run. What is not stored by then is stored when the scope ends. */
export const open = ({
  project,
  runId
}: Job): Effect.Effect<RunSpending, SqlError, SqlClient.SqlClient | Scope.Scope> =>
  Effect.gen(function* () {
    const { day, options } = yield* Budget
    const entry = yield* RunUsage.find(project, runId)
    const counting = yield* Spending.make(
      lowest(options, parsed(entry?.ceilings, isCeilings) ?? {}),
      day,
      parsed(entry?.spent, isSpent),
      parsed(entry?.since, isSpent)
    )
    let stored = counting.spent()
    const sql = yield* SqlClient.SqlClient
    const unsaved = () => {
      const spent = counting.spent()
      return spent === stored ? undefined : spent
    }
    const save = Effect.suspend(() => {
      const spent = unsaved()
      return spent === undefined ? Effect.void : RunUsage.store(project, runId, JSON.stringify(spent))
    })
    yield* Effect.addFinalizer(() =>
      Effect.ignore(Effect.provideService(Effect.andThen(save, day.save), SqlClient.SqlClient, sql))
    )
    return {
      ...counting,
      day,
      unsaved,
      saved: (spent) => {
        stored = spent
      }
    }
  })
