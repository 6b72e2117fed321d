/** @internal */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { DataSourceParam } from "../../schema/DataSource.ts"
import { guard } from "../../schema/guard.ts"
import type { Caller } from "../../store/Projects.ts"
import type * as Runs from "../../store/Runs.ts"
import * as RunUsage from "../../store/RunUsage.ts"
import type { Ceilings } from "../models/Spending.ts"
import { Changes } from "../runs/Changes.ts"
import { Executor } from "../runs/Executor.ts"
import { isActive } from "../runs/Lifecycle.ts"
import * as RunStatus from "../runs/RunStatus.ts"
import { services } from "../runs/services.ts"
import { open } from "../sources/open.ts"
import { supported } from "../sources/registry.ts"
import * as EvalText from "../texts/EvalText.ts"
import { conflict, invalid, type Rejection } from "../texts/Rejection.ts"
import { checkPrices } from "./priceCheck.ts"
import { checkExecutable } from "./rowCheck.ts"
import { runOf } from "./runs.ts"
import * as Text from "./servedRun.ts"
import { type Answer, evalOf, type Json, seconds } from "./shared.ts"

/** The operation that continues a run that has ended. */
export interface Operations {
  /** Executes errored rows again, and rows that were never judged. `ceilings` replace those of the run, if there are any. */
  readonly retryRun: (caller: Caller, evalId: string, runId: string, ceilings: Ceilings) => Answer<Json>
}

/** The services of the operation. */
export type Needs = SqlClient.SqlClient | Executor | Changes

const isDataSource = guard(DataSourceParam)

/** Refuses a run that has not ended, or is archived. */
const retryable = (run: Runs.StoredRun): Effect.Effect<void, Rejection> =>
  run.origin === "archive"
    ? Effect.fail(
        conflict(
          `${run.id} belongs to an archive, which is served as the host sent it: no row of it is executed here.`,
          "run_archived"
        )
      )
    : isActive(run.status)
      ? Effect.fail(
          conflict(
            `${run.id} is ${run.status}. A run is retried once it has ended; cancel it, or wait until it has.`,
            "run_not_ended"
          )
        )
      : Effect.void

/** Refuses a run that could not be created now. The value refuses it if its rows were deleted since. */
const check = (
  project: number,
  run: Runs.StoredRun,
  evalBody: string,
  ceilings: Ceilings
): Effect.Effect<
  Effect.Effect<void, Rejection | SqlError, SqlClient.SqlClient>,
  Rejection | SqlError,
  SqlClient.SqlClient
> =>
  Effect.gen(function* () {
    const dataSource = EvalText.dataSourceOf(run.body)
    if (!isDataSource(dataSource)) {
      return yield* invalid("data_source: this engine cannot execute a run with this data source", "data_source")
    }
    yield* Effect.fromResult(supported(dataSource))
    // the rows of a request are a file of the run
    const { still } = yield* open({ project, dataSource, inline: undefined, now: yield* seconds })
    yield* checkExecutable(EvalText.criteriaOf(evalBody), dataSource)
    yield* checkPrices(evalBody, dataSource, ceilings)
    return still
  })

/** Makes the operation over its services. */
export const make: Effect.Effect<Operations, never, Needs> = Effect.gen(function* () {
  const context = yield* services<Needs>()
  const sql = yield* SqlClient.SqlClient
  const executor = yield* Executor
  const changes = yield* Changes
  return {
    retryRun: (caller, evalId, runId, ceilings) =>
      Effect.gen(function* () {
        const { project } = caller
        const before = yield* runOf(project, evalId, runId)
        yield* retryable(before)
        const { body } = yield* evalOf(project, evalId)
        const criteria = EvalText.criteriaOf(body)
        const still = yield* check(project, before, body, ceilings)
        const reopened = sql.withTransaction(
          Effect.gen(function* () {
            // the run may have been retried or deleted during the check
            const run = yield* runOf(project, evalId, runId)
            yield* retryable(run)
            yield* still
            if (Object.keys(ceilings).length > 0) {
              yield* RunUsage.replaceCeilings(project, runId, JSON.stringify(ceilings))
            }
            yield* RunStatus.reopen(
              run,
              project,
              criteria.map(({ id }) => id)
            )
            return yield* runOf(project, evalId, runId)
          })
        )
        const creator = Option.getOrUndefined(yield* Effect.option(Effect.currentParentSpan))
        // uninterruptible, so that every run that is in progress is executed
        const run = yield* Effect.uninterruptible(
          Effect.tap(reopened, () =>
            Effect.andThen(changes.notify(runId), executor.restart({ project, runId }, creator))
          )
        )
        const made = yield* Text.one(project, run)
        return typeof made === "string" ? made : Stream.provideContext(made, context)
      }).pipe(Effect.provideContext(context))
  }
})
