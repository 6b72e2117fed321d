/**
 * Operations on graders without an eval.
 */
import type * as Effect from "effect/Effect"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import type { CallOptions } from "./Options.ts"
import * as Request from "./internal/requests/graders.ts"
import type * as Grader from "./schema/Grader.ts"

/**
 * Grades one sample. `POST /fine_tuning/alpha/graders/run`.
 *
 * **Example** (The similarity of two texts)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { runGrader } from "effect-evals"
 *
 * export const score = runGrader({
 *   grader: {
 *     type: "text_similarity",
 *     name: "close",
 *     input: "{{ sample.output_text }}",
 *     reference: "{{ item.expected }}",
 *     evaluation_metric: "fuzzy_match"
 *   },
 *   item: { expected: "fuzzy wuzzy was a bear" },
 *   model_sample: "fuzzy wuzzy had no hair"
 * }).pipe(Effect.map((answer) => answer.reward))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const runGrader = (
  params: Grader.RunParams,
  options?: CallOptions
): Effect.Effect<Grader.RunResponse, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.runGrader(params), options))

/**
 * Asks the host whether it accepts a grader, without running it.
 * `POST /fine_tuning/alpha/graders/validate`.
 *
 * **Example** (A formula over graders)
 *
 * ```ts
 * import { type Grader, validateGrader } from "effect-evals"
 *
 * export const check = (a: Grader.TestingCriterion, b: Grader.TestingCriterion) =>
 *   validateGrader({
 *     grader: { type: "multi", name: "mean", graders: { a, b }, calculate_output: "(a + b) / 2" }
 *   })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const validateGrader = (
  params: Grader.ValidateParams,
  options?: CallOptions
): Effect.Effect<Grader.ValidateResponse, EvalsError, EvalsClient> =>
  EvalsClient.use((client) => client.send(Request.validateGrader(params), options))
