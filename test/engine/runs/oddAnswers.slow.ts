/** Runs whose models' endpoints answer oddly: each row has its own fate, and its neighbours have theirs. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { createEval, executeRun, type Grader, listOutputItems } from "effect-evals"
import { at } from "../../behaviour/lib/engine.ts"
import { odd, oddly } from "../../lib/badReplies.ts"
import { driven } from "../../lib/driven.ts"
import { asking, lastText } from "../../lib/servedModels.ts"

const cases = Object.entries(odd)

const content = (names: ReadonlyArray<string>) => names.map((name) => ({ item: { name } }))

const prompt = [{ role: "user", content: "{{ item.name }}" }] as const

const resolved = "gpt-4.1-2025-04-14"

const usageOf = (answered: number, counted: number) => ({
  model_name: resolved,
  invocation_count: answered,
  prompt_tokens: 11 * counted,
  completion_tokens: 7 * counted,
  total_tokens: 18 * counted,
  cached_tokens: 4 * counted
})

const answered = cases.filter(([, { error }]) => error === undefined)
const counted = answered.filter(([, { withoutUsage }]) => withoutUsage === undefined)

describe("a run that samples", () => {
  for (const type of ["completions", "responses"] as const) {
    it.effect(`${type}: each odd answer errors its row or is judged, and is counted`, () =>
      asking(
        oddly(() => "yes"),
        (server) =>
          Effect.gen(function* () {
            const { id } = yield* createEval({
              data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
              testing_criteria: [
                {
                  type: "string_check",
                  name: "yes",
                  input: "{{ sample.output_text }}",
                  reference: "yes",
                  operation: "eq"
                }
              ]
            })
            const run = yield* driven(
              executeRun(id, {
                data_source: {
                  type,
                  model: "m",
                  source: { type: "file_content", content: content(Object.keys(odd)) },
                  input_messages: { type: "template", template: prompt }
                }
              })
            )
            const passed = answered.filter(([, { text = "yes" }]) => text === "yes").length
            const errored = cases.length - answered.length
            assert.deepStrictEqual(run.result_counts, {
              total: cases.length,
              errored,
              failed: answered.length - passed,
              passed
            })
            assert.deepStrictEqual(run.per_model_usage, [usageOf(answered.length, counted.length)])
            const items = yield* Stream.runCollect(listOutputItems(id, run.id))
            for (const [index, [name, { asked = 1, error, text = "yes", withoutUsage }]] of cases.entries()) {
              const { results, sample, status } = items[index] ?? assert.fail(name)
              assert(sample !== null)
              assert.strictEqual(
                server.requests.filter(({ body }) => JSON.stringify(body).includes(`"${name}"`)).length,
                asked,
                name
              )
              if (error !== undefined) {
                assert.strictEqual(sample.error?.code, error[0], name)
                assert.match(sample.error?.message ?? "", error[1], name)
                assert.deepStrictEqual(
                  [status, results, sample.output],
                  ["error", [], [{ role: "assistant", content: "" }]]
                )
                continue
              }
              assert.deepStrictEqual(
                [sample.error, sample.model, sample.input],
                [null, resolved, [{ role: "user", content: name }]]
              )
              assert.strictEqual(sample.usage?.total_tokens, withoutUsage ? 0 : 18, name)
              assert.deepStrictEqual(
                [status, results.map(({ passed, sample, score }) => [passed, sample, score])],
                text === "yes" ? ["pass", [[true, null, 1]]] : ["fail", [[false, null, 0]]],
                name
              )
            }
          })
      )
    )
  }
})

/** Texts of judges that are no good judgements, or only just; the score is that of score_model. */
const texts: { readonly [text: string]: readonly [flag: string | undefined, score: number] } = {
  "I would say 8 of 10.": ["model_grader_parse_error", 0],
  "   ": ["model_grader_parse_error", 0],
  "[0.8]": ["model_grader_parse_error", 0],
  '{"steps":[]}': ["model_grader_parse_error", 0],
  '{"result":null}': ["model_grader_parse_error", 0],
  '{"result":"0.8"}': ["model_grader_parse_error", 0],
  '{"result":1e400}': ["model_grader_parse_error", 0],
  '{"__proto__":{"result":1}}': ["model_grader_parse_error", 0],
  '{"result":7}': [undefined, 1],
  '{"result":-7}': [undefined, 0],
  '{"steps":"none","result":0.8}': [undefined, 0.8],
  '```json\n{"steps":[],"result":0.8}\n```': [undefined, 0.8],
  'Well {as it is}, {"result":0.8}': [undefined, 0.8]
}

/** The flags of odd answers that are read and are no judgement. */
const flags: { readonly [name: string]: string } = {
  "a call with broken arguments": "model_grader_parse_error",
  "10 MiB": "model_grader_parse_error",
  "a refusal": "model_grader_refusal_error",
  "an answer that is cut off": "model_grader_exceeded_max_tokens_error"
}

const judges: ReadonlyArray<Grader.TestingCriterion> = [
  { type: "score_model", name: "score", model: "m", input: prompt },
  { type: "label_model", name: "label", model: "m", input: prompt, labels: ["kind", "rude"], passing_labels: ["kind"] }
]

describe("a run that is judged by models", () => {
  for (const api of ["chat", "responses"] as const) {
    it.effect(`by ${api}: each odd answer errors its row or scores by a rule, and is counted`, () =>
      asking(
        oddly(({ body }) => `{"steps":[],"result":${JSON.stringify(body).includes('"rude"') ? '"kind"' : "0.8"}}`),
        () =>
          Effect.gen(function* () {
            const { id } = yield* createEval({
              data_source_config: { type: "custom", item_schema: { type: "object" } },
              testing_criteria: judges
            })
            const run = yield* driven(
              executeRun(id, {
                data_source: { type: "jsonl", source: { type: "file_content", content: content(Object.keys(odd)) } }
              })
            )
            const flagged = Object.keys(flags).length
            const errored = cases.length - answered.length
            const passed = answered.length - flagged
            assert.deepStrictEqual(run.result_counts, { total: cases.length, errored, failed: flagged, passed })
            assert.deepStrictEqual(run.per_model_usage, [usageOf(2 * answered.length, 2 * counted.length)])
            assert.deepStrictEqual(
              run.per_testing_criteria_results?.map(({ failed, passed }) => [passed, failed]),
              [
                [passed, flagged],
                [passed, flagged]
              ]
            )
            const items = yield* Stream.runCollect(listOutputItems(id, run.id))
            for (const [index, [name, { error }]] of cases.entries()) {
              const { results, status } = items[index] ?? assert.fail(name)
              const flag = flags[name]
              assert.strictEqual(status, error !== undefined ? "error" : flag === undefined ? "pass" : "fail", name)
              assert.deepStrictEqual(
                results.map(({ passed, sample, score }) => [passed, score, at(sample, "error", "code")]),
                error === undefined && flag === undefined
                  ? [
                      [true, 0.8, undefined],
                      [true, 1, undefined]
                    ]
                  : Array.from({ length: 2 }, () => [false, 0, flag ?? error?.[0]]),
                name
              )
              if (error === undefined)
                assert.deepStrictEqual(at(results[0]?.sample, "input"), [{ role: "user", content: name }])
              else assert.match(String(at(results[0]?.sample, "error", "message")), error[1], name)
            }
          }),
        { api }
      )
    )
  }

  it.effect("texts that are no judgement score 0 with a flag, and others are read by stated rules", () =>
    asking(
      (request) => ({ body: { choices: [{ message: { content: Object.keys(texts)[Number(lastText(request))] } }] } }),
      () =>
        Effect.gen(function* () {
          const { id } = yield* createEval({
            data_source_config: { type: "custom", item_schema: { type: "object" } },
            testing_criteria: judges
          })
          const run = yield* driven(
            executeRun(id, {
              data_source: {
                type: "jsonl",
                source: { type: "file_content", content: Object.keys(texts).map((_text, name) => ({ item: { name } })) }
              }
            })
          )
          assert.deepStrictEqual(
            run.per_model_usage?.map(({ invocation_count, model_name, total_tokens }) => [
              model_name,
              invocation_count,
              total_tokens
            ]),
            [["m", 2 * Object.keys(texts).length, 0]]
          )
          const items = yield* Stream.runCollect(listOutputItems(id, run.id))
          const [score, label] = items[5]?.results ?? []
          assert.deepStrictEqual(
            [at(score, "sample", "error", "message"), at(label, "sample", "error", "message")],
            ['the result of the answer, "0.8", is no number', 'the result of the answer, "0.8", is none of the labels']
          )
          assert.deepStrictEqual(
            items.map(({ results: [score, label] }) => [
              at(score, "sample", "error", "code"),
              score?.score,
              at(label, "sample", "error", "code")
            ]),
            Object.values(texts).map(([flag, score]) => [flag, score, "model_grader_parse_error"])
          )
        }),
      { api: "chat" }
    )
  )
})
