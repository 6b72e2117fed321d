import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Stream } from "effect"
import {
  awaitRun,
  createEval,
  createRun,
  type Eval,
  type EvalsClient,
  executeRun,
  listOutputItems,
  type Run
} from "effect-evals"
import { ModelError, type Models } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import { TestClock } from "effect/testing"

type Criterion = Eval.CreateParams["testing_criteria"][number]

const same: Criterion = {
  type: "string_check",
  name: "same",
  input: "{{ sample.output_text }}",
  reference: "{{ item.answer }}",
  operation: "eq"
}

const rows = (cities: ReadonlyArray<string>, type: "completions" | "responses" = "completions"): Run.CreateParams => ({
  data_source: {
    type,
    model: "m",
    input_messages: {
      type: "template",
      template: [
        { role: "developer", content: "Name the country." },
        { role: "user", content: "Where is {{ item.city }}?" }
      ]
    },
    source: { type: "file_content", content: cities.map((city) => ({ item: { city, answer: `in ${city}` } })) }
  }
})

const evalOf = (criterion: Criterion) =>
  createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
    testing_criteria: [criterion]
  })

const executed = (
  run: Run.CreateParams,
  criterion: Criterion = same
): Effect.Effect<
  { readonly run: Run.Run; readonly statuses: ReadonlyArray<string> },
  unknown,
  EvalsClient.EvalsClient
> =>
  Effect.gen(function* () {
    const { id } = yield* evalOf(criterion)
    const ended = yield* executeRun(id, run)
    const items = yield* Stream.runCollect(listOutputItems(id, ended.id))
    return { run: ended, statuses: items.map(({ status }) => status) }
  })

const cityOf = (text: string): string => /Where is (\w+)/.exec(text)?.[1] ?? ""

describe("EvalsTest.layerWith, with models", () => {
  it.effect("answers requests of both kinds by a function of their text", () =>
    Effect.gen(function* () {
      const asked: Array<EvalsTest.ModelRequest> = []
      const layer = EvalsTest.layerWith({
        models: (request) => {
          asked.push(request)
          return `in ${cityOf(request.text).replace("Oslo", "Norway")}`
        }
      })
      for (const type of ["completions", "responses"] as const) {
        const { statuses } = yield* Effect.provide(executed(rows(["Rome", "Oslo"], type)), layer)
        assert.deepStrictEqual(statuses, ["pass", "fail"])
      }
      assert.deepStrictEqual(
        asked.map(({ model, purpose, text }) => [model, purpose, text]).toSorted(),
        ["Oslo", "Oslo", "Rome", "Rome"].map((city) => ["m", "sample", `Name the country.\nWhere is ${city}?`])
      )
    })
  )

  it.effect("takes whole completions, with the tokens that they say", () =>
    Effect.gen(function* () {
      const completion: Models.ChatCompletion = {
        model: "m-2026",
        choices: [{ message: { content: "in Rome" }, finish_reason: "length" }],
        usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }
      }
      const { run } = yield* Effect.provide(executed(rows(["Rome"])), EvalsTest.layerWith({ models: () => completion }))
      assert.deepStrictEqual(run.per_model_usage, [
        {
          model_name: "m-2026",
          invocation_count: 1,
          prompt_tokens: 5,
          completion_tokens: 2,
          total_tokens: 7,
          cached_tokens: 0
        }
      ])
      const spent = "evals_usage" in run ? run["evals_usage"] : undefined
      assert.deepInclude(spent, { requests: 1, prompt_tokens: 5, completion_tokens: 2 })
    })
  )

  it.effect("takes errors, which are final: nothing waits for another attempt", () =>
    Effect.gen(function* () {
      const layer = EvalsTest.layerWith({
        models: ({ text }) =>
          text.includes("Rome") ? new ModelError.Overloaded({ message: "no capacity", status: 503 }) : "in Oslo"
      })
      const { run, statuses } = yield* Effect.provide(executed(rows(["Rome", "Oslo"])), layer)
      assert.deepStrictEqual(statuses, ["error", "pass"])
      assert.strictEqual(run.result_counts.errored, 1)
    })
  )

  it.effect("takes an answer that cannot be read for an error", () =>
    Effect.gen(function* () {
      const layer = EvalsTest.layerWith({
        models: ({ text }) => (text.includes("Rome") ? { choices: [] } : "in Oslo")
      })
      const { statuses } = yield* Effect.provide(executed(rows(["Rome", "Oslo"])), layer)
      assert.deepStrictEqual(statuses, ["error", "pass"])
    })
  )

  it.effect("lets an answer take time of the test's clock", () =>
    Effect.gen(function* () {
      const asked = yield* Deferred.make<void>()
      const layer = EvalsTest.layerWith({
        models: ({ text }) =>
          Effect.andThen(
            Deferred.succeed(asked, undefined),
            Effect.delay(Effect.succeed(`in ${cityOf(text)}`), "3 minutes")
          )
      })
      yield* Effect.gen(function* () {
        const { id } = yield* evalOf(same)
        const run = yield* createRun(id, rows(["Rome"]))
        yield* Deferred.await(asked)
        yield* TestClock.adjust("3 minutes")
        const ended = yield* awaitRun(id, run.id)
        assert.deepInclude(ended.result_counts, { total: 1, passed: 1 })
      }).pipe(Effect.provide(layer))
    })
  )

  it.effect("answers graders that are judges", () =>
    Effect.gen(function* () {
      const layer = EvalsTest.layerWith({
        models: ({ purpose, text }) => {
          if (purpose === "sample") return `in ${cityOf(text)}`
          return EvalsTest.verdict(text.startsWith("Rate") ? (text.includes("Rome") ? 0.9 : 0.2) : "right")
        }
      })
      const content = (ask: string) => [{ role: "user", content: `${ask} {{ sample.output_text }}` } as const]
      const score = { type: "score_model", name: "score", model: "judge", input: content("Rate") } as const
      const scored = yield* Effect.provide(executed(rows(["Rome", "Oslo"]), { ...score, pass_threshold: 0.5 }), layer)
      assert.deepStrictEqual(scored.statuses, ["pass", "fail"])
      const label = { type: "label_model", name: "label", model: "judge", input: content("Label") } as const
      const labeled = yield* Effect.provide(
        executed(rows(["Rome"]), { ...label, labels: ["right", "wrong"], passing_labels: ["right"] }),
        layer
      )
      assert.deepStrictEqual(labeled.statuses, ["pass"])
    })
  )

  it.effect("makes vectors of texts by a function, for cosine", () =>
    Effect.gen(function* () {
      const near = {
        type: "text_similarity",
        name: "near",
        input: "{{ sample.output_text }}",
        reference: "{{ item.answer }}",
        evaluation_metric: "cosine",
        pass_threshold: 0.9
      } as const
      const models = ({ text }: EvalsTest.ModelRequest) => (text.includes("Rome") ? "in Rome" : "elsewhere")
      const run = executed(rows(["Rome", "Oslo"]), near)
      const layer = EvalsTest.layerWith({ models, embeddings: (text) => (text.startsWith("in") ? [1, 0] : [0, 1]) })
      assert.deepStrictEqual((yield* Effect.provide(run, layer)).statuses, ["pass", "fail"])
      const without = yield* Effect.flip(Effect.provide(run, EvalsTest.layerWith({ models })))
      assert.include(String(without), "the test gives no embeddings")
    })
  )

  it.effect("refuses a run without models, and says how to name an endpoint", () =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(executed(rows(["Rome"])))
      assert.include(String(refused), "Models.layer")
    }).pipe(Effect.provide(EvalsTest.layer))
  )
})
