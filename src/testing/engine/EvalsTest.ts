/**
 * An engine in memory for tests, with repeatable ids.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as EvalsEngine from "../../inProcess/EvalsEngine.ts"
import type { EvalsClient } from "../../EvalsClient.ts"

/**
 * The options of an engine for tests.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /** The seed of the ids. Default `"effect-evals"`. */
  readonly seed?: string | number | undefined
}

/**
 * A new engine in memory and a client of it. The seed determines the ids.
 *
 * **Example** (Other ids)
 *
 * ```ts
 * import { EvalsTest } from "effect-evals/testing/engine"
 *
 * export const layer = EvalsTest.layerWith({ seed: 7 })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerWith = (options: Options = {}): Layer.Layer<EvalsClient | EvalsEngine.EvalsEngine> =>
  Layer.unwrap(
    Effect.map(Random.withSeed(Random.Random, options.seed ?? "effect-evals"), (random) =>
      Layer.fresh(
        EvalsEngine.layerClient().pipe(
          Layer.provideMerge(EvalsEngine.layerMemory),
          Layer.provide(Layer.succeed(Random.Random, random))
        )
      )
    )
  )

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
