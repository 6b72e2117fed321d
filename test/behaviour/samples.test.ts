/** What the engine takes from the samples of rows: the run's model, its usage, and what criteria can read. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { createEval, listOutputItems } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { mostModels, otherModels } from "../../src/store/ModelUsage.ts"
import { at, definition, evaluated, label, over, send } from "./lib/engine.ts"

const yes = { label: "yes" }
const usage = { prompt_tokens: 8, completion_tokens: 4, total_tokens: 12, prompt_tokens_details: { cached_tokens: 2 } }
const sampled = (model: string, more: object = {}) => ({
  item: yes,
  sample: { model, choices: [{ message: { role: "assistant", content: "yes" } }], ...more }
})

layer(EvalsEngine.layerClient().pipe(Layer.provideMerge(EvalsEngine.layerMemory)))("samples", (it) => {
  it.effect(
    "name the model of a run where those that have one agree; rows whose sample holds an error have no vote",
    () =>
      Effect.gen(function* () {
        const error = { code: "timeout", message: "took too long" }
        const { run } = yield* evaluated([
          sampled("m"),
          { item: yes, sample: { output_text: "yes" } },
          { item: yes },
          sampled("other", { error }),
          { item: yes, sample: { sampled_model_name: "m", outputs: [{ role: "assistant", content: "yes" }] } }
        ])
        assert.deepStrictEqual([run.model, run.name], ["m", "m"])
        assert.strictEqual(run.result_counts.errored, 1)
        const { run: several } = yield* evaluated([sampled("m"), sampled("n")])
        assert.strictEqual(several.model, "")
      })
  )

  it.effect("have the usage that per_model_usage sums by model, errored rows included", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 150 }, () => sampled("m", { usage }))
      const { run } = yield* evaluated([
        ...rows,
        sampled("m"),
        { item: yes, sample: { model: "n", output: [], usage: { input_tokens: 3, output_tokens: 1 } } },
        sampled("n", { usage, error: { code: "timeout", message: "x" } }),
        {
          item: yes,
          sample: { sampled_model_name: "d", outputs: [], token_usage: { total_tokens: 5, prompt_tokens: 5 } }
        }
      ])
      assert.deepStrictEqual(run.per_model_usage, [
        {
          model_name: "m",
          invocation_count: 150,
          prompt_tokens: 1200,
          completion_tokens: 600,
          total_tokens: 1800,
          cached_tokens: 300
        },
        {
          model_name: "n",
          invocation_count: 2,
          prompt_tokens: 11,
          completion_tokens: 5,
          total_tokens: 16,
          cached_tokens: 2
        },
        {
          model_name: "d",
          invocation_count: 1,
          prompt_tokens: 5,
          completion_tokens: 0,
          total_tokens: 5,
          cached_tokens: 0
        }
      ])
    })
  )

  it.effect("are summed under one name for all models beyond the first hundred", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: mostModels + 5 }, (_, index) => sampled(`m${index}`, { usage }))
      const { run } = yield* evaluated(rows)
      assert.strictEqual(run.per_model_usage?.length, mostModels + 1)
      assert.deepInclude(run.per_model_usage?.at(-1), { model_name: otherModels, invocation_count: 5 })
    })
  )

  it.effect("of a dashboard download are judged by their outputs, and shown with their trajectory", () =>
    Effect.gen(function* () {
      const line = {
        run_id: "evalrun_1",
        data_source_idx: 0,
        item: yes,
        sample: {
          trajectory: [{ role: "user", content: "Is it?" }],
          outputs: [{ role: "assistant", content: "yes" }],
          sampled_model_name: "m"
        },
        grades: { "label-1": 0 },
        passes: { "label-1": false }
      }
      const { run } = yield* evaluated([line])
      assert.strictEqual(run.result_counts.passed, 1)
      const [item] = yield* Stream.runCollect(listOutputItems(run.eval_id, run.id))
      assert.deepStrictEqual(item?.sample?.input, [{ role: "user", content: "Is it?" }])
      assert.deepStrictEqual(item?.sample?.output, [{ role: "assistant", content: "yes" }])
    })
  )

  it.effect(
    "without a known shape are named in a warning when the run is created, with the first row and its keys",
    () =>
      Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const create = (...rows: ReadonlyArray<object>) =>
          Effect.map(send("POST", `/evals/${id}/runs`, over(rows.map((row) => ({ item: yes, ...row })))), (answer) => {
            assert.strictEqual(answer.status, 201)
            return answer.headers.get("warning")
          })
        const good = { sample: { output_text: "yes" } }
        assert.isNull(yield* create(good))
        assert.strictEqual(
          yield* create(good, { sample: { answer: "yes", score: 1 } }, { sample: {} }),
          `299 effect-evals "the sample of data_source.source.content[1] (the first of 2 such rows) has no known shape: it has ` +
            "the keys 'answer', 'score', and criteria read sample.output_text; a criterion without a value scores 0. A sample " +
            `has its answer in choices (a chat completion), output (a response), outputs (a dashboard download) or output_text"`
        )
        assert.strictEqual(
          yield* create({}),
          `299 effect-evals "data_source.source.content[0] has no sample, and criteria read sample.output_text; ` +
            `a criterion without a value scores 0"`
        )
        const silent = [
          { choices: [] },
          { choices: [{}] },
          { output: [] },
          { output: [null] },
          { output: [{ type: "reasoning" }] },
          { outputs: [] },
          { outputs: ["Paris"] }
        ]
        for (const sample of silent) {
          assert.include(
            yield* create({ sample }),
            "content[0] has no known shape: it has the keys '",
            JSON.stringify(sample)
          )
        }
        assert.isNull(yield* create({ sample: { outputs: [], error: { code: "timeout", message: "x" } } }))
        const { id: blind } = yield* createEval(definition({ ...label, input: "{{ item.label }}" }))
        const answer = yield* send("POST", `/evals/${blind}/runs`, over([{ item: yes, sample: { answer: 1 } }]))
        assert.isNull(answer.headers.get("warning"))
        assert.strictEqual(at(answer.json, "status"), "queued")
      })
  )
})
