/**
 * `effect-evals cancel`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { cancelRun } from "../Runs.ts"
import * as Run from "../schema/Run.ts"
import type { Input } from "./commands/cancel.ts"
import { runAt } from "./idKind.ts"
import * as Target from "./target.ts"
import { couldNotRun } from "./Stop.ts"
import { quantity } from "../report/format.ts"

/** Cancels a run. */
export const handler = (input: Input) =>
  Target.at(input, "cancel", (target) =>
    Effect.gen(function* () {
      const [one, id] = yield* runAt(target, input)
      const run = yield* cancelRun(one, id)
      if (!Run.isTerminal(run.status)) {
        return yield* couldNotRun(`${id} was not canceled: it is ${run.status}, as the host saved it.`)
      }
      yield* Console.log(
        run.status === "canceled"
          ? `${id} is canceled, with ${quantity(run.result_counts.total, "item")} judged`
          : `${id} has already ended: it is ${run.status}`
      )
    })
  )
