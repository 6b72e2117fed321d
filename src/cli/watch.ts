/**
 * `effect-evals watch`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { retrieveEval } from "../Evals.ts"
import type { RunId } from "../schema/Ids.ts"
import type { Input } from "./commands/watch.ts"
import { followRun } from "./followRun.ts"
import { runAt } from "./idKind.ts"
import * as Target from "./target.ts"
import * as Summary from "./summary.ts"

/** The interval between checks that a process executes the run. */
const checkInterval = "5 seconds"

// warns once, and never ends: a stalled run may be resumed at any time
const warnIfStalled = (target: Target.Target, id: RunId) =>
  Effect.gen(function* () {
    let reason = yield* target.stalled(id)
    while (reason === undefined) {
      yield* Effect.sleep(checkInterval)
      reason = yield* target.stalled(id)
    }
    yield* Effect.logWarning(reason)
    return yield* Effect.never
  })

/** Follows a run until it has ended, and prints its report. */
export const handler = (input: Input) =>
  Target.at(input, "read", (target) =>
    Effect.gen(function* () {
      const [found, id] = yield* runAt(target, input)
      const one = yield* retrieveEval(found)
      const run = yield* Effect.raceFirst(followRun(found, id, undefined), warnIfStalled(target, id)).pipe(
        Effect.onInterrupt(() =>
          Effect.flatMap(target.stalled(id), (reason) => Console.error(`interrupted; ${reason ?? `${id} continues`}`))
        )
      )
      const subject: Summary.Subject = {
        eval: one,
        run,
        target,
        seconds: undefined,
        minPassRate: Option.getOrUndefined(input.minPassRate)
      }
      yield* Summary.conclude(yield* Summary.print(subject, input.json))
    })
  )
