/**
 * The search for the eval of a run at a host.
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

/** The number of concurrent requests. */
const concurrency = 8

/** Finds the eval of a run. The API has no such request: each eval is asked for the run. */
export const findEvalOfRun = (runId: RunId, origin: string): Effect.Effect<EvalId, Stop | EvalsError, EvalsClient> =>
  Effect.gen(function* () {
    yield* Console.error(
      `looking for ${runId} among the evals of ${origin}; name the eval with --eval to avoid this search`
    )
    const found = yield* listEvals({ limit: 100, order: "desc" }).pipe(
      Stream.mapEffect(
        ({ id }) =>
          retrieveRun(id, runId).pipe(
            Effect.as(Option.some(id)),
            Effect.catchReason("EvalsError", "NotFoundError", () => Effect.succeedNone)
          ),
        { concurrency, unordered: true }
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
