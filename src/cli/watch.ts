/**
 * `effect-evals watch`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { retrieveEval } from "../Evals.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import { follow } from "./following.ts"
import { evalId, runId } from "./items.ts"
import * as Place from "./place.ts"
import { minPassRate } from "./run.ts"
import * as Summary from "./summary.ts"

const flags = {
  runId,
  evalId,
  ...Place.flags,
  minPassRate,
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print the summary as JSON"), Flag.withDefault(false))
}

/** How often it is looked whether somebody works on the run. */
const lookEvery = "5 seconds"

// said once: it may be the last that happens for long
const lookout = (place: Place.Place, id: RunId) =>
  Effect.gen(function* () {
    let words = yield* place.idle(id)
    while (words === undefined) {
      yield* Effect.sleep(lookEvery)
      words = yield* place.idle(id)
    }
    yield* Effect.logWarning(words)
    return yield* Effect.never
  })

/** Follows a run, and sums up what it came to. */
export const command = Command.make("watch", flags, (input) =>
  Place.at(input, "read", (place) =>
    Effect.gen(function* () {
      const id = RunId.make(input.runId)
      const found = Option.isSome(input.evalId) ? EvalId.make(input.evalId.value) : yield* place.evalOf(id)
      const one = yield* retrieveEval(found)
      const run = yield* Effect.raceFirst(follow(found, id, undefined), lookout(place, id)).pipe(
        Effect.onInterrupt(() =>
          Effect.flatMap(place.idle(id), (words) => Console.error(`interrupted; ${words ?? `${id} goes on`}`))
        )
      )
      const subject: Summary.Subject = {
        eval: one,
        run,
        place,
        seconds: undefined,
        minPassRate: Option.getOrUndefined(input.minPassRate)
      }
      yield* Summary.print(subject, input.json)
      yield* Summary.conclude(subject)
    })
  )
).pipe(
  Command.withDescription("Follows a run that goes on elsewhere until it has ended, and sums up what it came to."),
  Command.withShortDescription("Follow a run and sum it up")
)
