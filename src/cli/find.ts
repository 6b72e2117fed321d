/**
 * Finds at a host what is known by its id alone.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EvalsClient } from "../EvalsClient.ts"
import { listEvals } from "../Evals.ts"
import type { EvalsError } from "../EvalsError.ts"
import { retrieveRun } from "../Runs.ts"
import type { EvalId, RunId } from "../schema/Ids.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** How many evals are asked at a time whether a run is theirs. */
const askedAtOnce = 8

/** The eval of a run. The API has no such question, so the evals are asked one after another. */
export const evalOfRun = (runId: RunId, origin: string): Effect.Effect<EvalId, Stop | EvalsError, EvalsClient> =>
  Effect.gen(function* () {
    yield* Console.error(`looking for ${runId} among the evals of ${origin}; --eval says which it is, and saves that`)
    const found = yield* listEvals({ limit: 100, order: "desc" }).pipe(
      Stream.mapEffect(
        ({ id }) =>
          retrieveRun(id, runId).pipe(
            Effect.as(Option.some(id)),
            Effect.catchReason("EvalsError", "NotFoundError", () => Effect.succeedNone)
          ),
        { concurrency: askedAtOnce, unordered: true }
      ),
      Stream.filter(Option.isSome),
      Stream.map((one) => one.value),
      Stream.runHead
    )
    return yield* Option.match(found, {
      onNone: () => couldNotRun(`No eval of ${origin} has a run ${runId}.`),
      onSome: Effect.succeed
    })
  })
