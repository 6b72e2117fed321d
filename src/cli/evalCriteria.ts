/**
 * The criteria of an eval, for explanations of its items.
 */
import * as Effect from "effect/Effect"
import { retrieveEval } from "../Evals.ts"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type { EvalId } from "../schema/Ids.ts"

/**
 * Reads the criteria of an eval. There are none where the eval is gone, is not what
 * the API promises, or may not be read: its items can be shown all the same.
 */
export const criteriaOf = (id: EvalId): Effect.Effect<ReadonlyArray<unknown>, EvalsError, EvalsClient> =>
  Effect.map(retrieveEval(id), ({ testing_criteria }): ReadonlyArray<unknown> => testing_criteria).pipe(
    Effect.catchReasons("EvalsError", {
      NotFoundError: () => Effect.succeed([]),
      DecodeError: () => Effect.succeed([]),
      PermissionDeniedError: () => Effect.succeed([])
    })
  )
