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

/** How often it is looked whether somebody works on the run. */
const lookEvery = "5 seconds"

// said once: it may be the last that happens for long
const lookout = (target: Target.Target, id: RunId) =>
  Effect.gen(function* () {
    let words = yield* target.stalled(id)
    while (words === undefined) {
      yield* Effect.sleep(lookEvery)
      words = yield* target.stalled(id)
    }
    yield* Effect.logWarning(words)
    return yield* Effect.never
  })

/** Follows a run, and sums up what it came to. */
export const handler = (input: Input) =>
  Target.at(input, "read", (target) =>
    Effect.gen(function* () {
      const [found, id] = yield* runAt(target, input)
      const one = yield* retrieveEval(found)
      const run = yield* Effect.raceFirst(followRun(found, id, undefined), lookout(target, id)).pipe(
        Effect.onInterrupt(() =>
          Effect.flatMap(target.stalled(id), (words) => Console.error(`interrupted; ${words ?? `${id} goes on`}`))
        )
      )
      const subject: Summary.Subject = {
        eval: one,
        run,
        target,
        seconds: undefined,
        minPassRate: Option.getOrUndefined(input.minPassRate)
      }
      yield* Summary.print(subject, input.json)
      yield* Summary.conclude(subject)
    })
  )
