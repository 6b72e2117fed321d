/**
 * An engine in memory for tests, with repeatable ids and models that answer as the test says.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import type { Reason } from "../../engine/models/ModelError.ts"
import { type ChatCompletion, Models } from "../../engine/models/Models.ts"
import type { JsonObject } from "../../engine/rows/Row.ts"
import type { EvalsClient } from "../../EvalsClient.ts"
import * as EvalsEngine from "../../inProcess/EvalsEngine.ts"
import * as scriptedModels from "./scriptedModels.ts"

/**
 * A request to a model.
 *
 * @category testing
 * @since 0.1.0
 */
export interface ModelRequest {
  /** The name of the model as the run or the grader has it. */
  readonly model: string
  /** Whether a row is sampled or an answer is judged. */
  readonly purpose: "sample" | "judge"
  /** The texts of all messages, each on lines of its own. */
  readonly text: string
  /** The whole request: the body of a chat completion, or that of a response for a run of the kind `responses`. */
  readonly body: JsonObject
}

/**
 * The answer of a model: a text, a whole chat completion, or an effect of either. An
 * effect may take the time of the test's clock, and it may fail: every reason of a
 * `ModelError` is such an effect by itself.
 *
 * @category testing
 * @since 0.1.0
 */
export type ModelAnswer = string | ChatCompletion | Effect.Effect<string | ChatCompletion, Reason>

/**
 * A function that answers requests.
 *
 * @category testing
 * @since 0.1.0
 */
export type ModelScript = (request: ModelRequest) => ModelAnswer

/**
 * The options of an engine for tests.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The seed of the ids. Default `"effect-evals"`. */
  readonly seed?: string | number | undefined
  /**
   * Answers every request to a model. A request is asked once: an error is final,
   * also one that an endpoint would be asked again for. Default: the models of the
   * context, which refuse everything where the test provides none.
   */
  readonly models?: ModelScript | undefined
  /** The vector of a text, for the metric `cosine`. It is used together with `models`. */
  readonly embeddings?: ((text: string) => ReadonlyArray<number>) | undefined
}

/**
 * Returns the text with which a model judges: a score for `score_model`, a label for
 * `label_model`.
 *
 * **Example** (A judge that finds everything good)
 *
 * ```ts
 * import { EvalsTest } from "effect-evals/testing/engine"
 *
 * export const layer = EvalsTest.layerWith({ models: () => EvalsTest.verdict(0.9) })
 * ```
 *
 * @category testing
 * @since 0.1.0
 */
export const verdict = (result: number | string): string => JSON.stringify({ steps: [], result })

/**
 * A new engine in memory and a client of it. The seed determines the ids, and the
 * function `models` answers in place of models. No test needs a network.
 *
 * **Example** (A model that is sampled, and a second one that judges)
 *
 * ```ts
 * import { ModelError } from "effect-evals/engine"
 * import { EvalsTest } from "effect-evals/testing/engine"
 *
 * export const layer = EvalsTest.layerWith({
 *   models: ({ purpose, text }) => {
 *     if (purpose === "judge") return EvalsTest.verdict(text.includes("sorry") ? 1 : 0)
 *     return text.includes("Berlin") ? new ModelError.BadRequest({ message: "filtered" }) : "We are sorry."
 *   }
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerWith = (options: Options = {}): Layer.Layer<EvalsClient | EvalsEngine.EvalsEngine> => {
  const { embeddings, models, seed = "effect-evals" } = options
  const engine = EvalsEngine.layerClient().pipe(Layer.provideMerge(EvalsEngine.layerMemory))
  const scripted =
    models === undefined
      ? engine
      : Layer.provide(engine, Layer.succeed(Models, scriptedModels.make(models, embeddings)))
  return Layer.unwrap(
    Effect.map(Random.withSeed(Random.Random, seed), (random) =>
      Layer.fresh(Layer.provide(scripted, Layer.succeed(Random.Random, random)))
    )
  )
}

/**
 * An engine in memory and a client of it. Ids are the same in every test, and times
 * come from the test's clock. A test can await a run without moving the clock: the
 * engine reports the end of the run.
 *
 * **Example** (A program against a real engine)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { createEval, executeRun } from "effect-evals"
 * import { EvalsTest } from "effect-evals/testing/engine"
 *
 * export const passed = Effect.gen(function* () {
 *   const made = yield* createEval({
 *     data_source_config: { type: "custom", item_schema: { type: "object" } },
 *     testing_criteria: [
 *       { type: "string_check", name: "label", input: "{{ item.said }}", reference: "{{ item.label }}", operation: "eq" }
 *     ]
 *   })
 *   const run = yield* executeRun(made.id, {
 *     data_source: { type: "jsonl", source: { type: "file_content", content: [{ item: { said: "yes", label: "yes" } }] } }
 *   })
 *   return run.result_counts.passed
 * }).pipe(Effect.provide(EvalsTest.layer))
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<EvalsClient | EvalsEngine.EvalsEngine> = layerWith()
