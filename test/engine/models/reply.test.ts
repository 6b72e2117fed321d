import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Question } from "../../../src/engine/graders/Scored.ts"
import { BadRequest, KeyRefused, Overloaded } from "../../../src/engine/models/ModelError.ts"
import { none } from "../../../src/engine/models/Models.ts"
import { cosineOf, replyTo, unaskable } from "../../../src/engine/models/reply.ts"
import { completion } from "../../lib/modelServer.ts"
import { type Script, scripted } from "../../lib/scriptedModels.ts"

const judge = (fields: Partial<Extract<Question, { readonly _tag: "Judge" }>> = {}): Question => ({
  _tag: "Judge",
  model: "o4-mini",
  input: [
    { role: "developer", content: "Be strict.", type: "message" },
    {
      role: "user",
      content: [
        { type: "input_text", text: "Good?" },
        { type: "input_image", image_url: "https://host/a.png", detail: "low" },
        { type: "input_audio", input_audio: { data: "UklG", format: "wav" } },
        { type: "input_file", file_data: "data:,", filename: "a.pdf" },
        "Well?"
      ]
    }
  ],
  sampling: { temperature: 0.5, reasoning_effort: null, unknown: 1 },
  structure: { name: "score", schema: { type: "object" } },
  ...fields
})

const compare: Question = { _tag: "Compare", model: "embedder", texts: ["a", "b"] }

const asked = (question: Question, script: Script) => {
  const models = scripted(script)
  return Effect.map(Effect.provide(replyTo(question, "evalrun_1"), models.layer), (reply) => ({ reply, models }))
}

describe("a reply to a grader", () => {
  it.effect("asks its judge with the messages as chat completions have them, and a structured format", () =>
    Effect.gen(function* () {
      const { models, reply } = yield* asked(judge(), { ask: () => ({ body: completion("yes") }) })
      assert.deepStrictEqual(models.calls, [
        {
          dialect: "chat",
          purpose: "judge",
          group: "evalrun_1",
          structured: { name: "score", schema: { type: "object" } },
          body: {
            model: "o4-mini",
            messages: [
              { role: "developer", content: "Be strict." },
              {
                role: "user",
                content: [
                  { type: "text", text: "Good?" },
                  { type: "image_url", image_url: { url: "https://host/a.png", detail: "low" } },
                  { type: "input_audio", input_audio: { data: "UklG", format: "wav" } },
                  { type: "file", file: { file_data: "data:,", filename: "a.pdf" } },
                  { type: "text", text: "Well?" }
                ]
              }
            ],
            temperature: 0.5,
            max_completion_tokens: 4096
          }
        }
      ])
      const sample = JSON.parse(reply._tag === "Sampled" ? reply.sample : assert.fail(reply._tag))
      assert.deepInclude(sample, { model: "gpt-4.1-2025-04-14", temperature: 0.5, max_completion_tokens: 4096 })
      assert.deepStrictEqual(sample.input, models.calls[0]?.body["messages"])
    })
  )

  it.effect("asks in the form of responses where chat completions cannot say the messages", () =>
    Effect.gen(function* () {
      const input = [{ role: "user", content: [{ type: "input_image", file_id: "file-1" }] }]
      const sampling = { seed: 1, reasoning_effort: "low", max_completions_tokens: 9 }
      const { models } = yield* asked(judge({ input, sampling }), {
        ask: () => ({ reason: new BadRequest({ message: "no" }) })
      })
      assert.strictEqual(models.calls[0]?.dialect, "responses")
      assert.deepStrictEqual(models.calls[0]?.body, {
        model: "o4-mini",
        input,
        seed: 1,
        reasoning: { effort: "low" },
        max_output_tokens: 9
      })
    })
  )

  it.effect("that cannot be sent in any form is fatal, and nothing is sent", () =>
    Effect.gen(function* () {
      const input = [{ role: "user", content: [{ type: "input_image", file_id: "file-1" }], refusal: 1, name: "bob" }]
      const { models, reply } = yield* asked(judge({ input }), {})
      assert.lengthOf(models.calls, 0)
      assert.deepInclude(reply, { _tag: "Unanswered", code: "unsupported_by_endpoint", fatal: true })
      const why = unaskable(models.service, { _tag: "Judge", model: "o4-mini", input, sampling: {} })
      assert.strictEqual(why?.code, "unsupported_by_endpoint")
    })
  )

  it.effect("says why a model gives no answer, and whether none is to come", () =>
    Effect.gen(function* () {
      for (const [reason, code, fatal] of [
        [new Overloaded({ message: "busy", status: 503 }), "server_error", false],
        [new BadRequest({ message: "too long", code: "context_length_exceeded" }), "context_length_exceeded", false],
        [new KeyRefused({ message: "refused", status: 401 }), "invalid_api_key", true]
      ] as const) {
        const { reply } = yield* asked(judge(), { ask: () => ({ reason }) })
        assert.deepStrictEqual(reply, {
          _tag: "Unanswered",
          flag: "model_grader_server_error",
          code,
          message: `model "o4-mini" at http://models.test/v1: ${reason.message}`,
          fatal
        })
      }
      const refused = yield* replyTo(judge(), "evalrun_1")
      assert.deepInclude(refused, { _tag: "Unanswered", code: "model_not_configured", fatal: true })
      assert.deepInclude(yield* replyTo(compare, "evalrun_1"), { code: "model_not_configured", fatal: true })
    })
  )

  it.effect("has the cosine of two embeddings, and their tokens", () =>
    Effect.gen(function* () {
      const { models, reply } = yield* asked(compare, { embed: (text) => (text === "a" ? [0.6, 0.8] : [0.8, 0.6]) })
      assert.deepStrictEqual(models.embedded, [{ model: "embedder", inputs: ["a", "b"], group: "evalrun_1" }])
      assert.deepStrictEqual(reply, {
        _tag: "Compared",
        cosine: 0.96,
        usage: {
          model_name: "embedder-2024",
          invocation_count: 1,
          prompt_tokens: 5,
          completion_tokens: 0,
          total_tokens: 5,
          cached_tokens: 0
        }
      })
      const unlike = yield* asked(compare, { embed: (text) => (text === "a" ? [1] : [1, 0]) })
      assert.deepInclude(unlike.reply, { _tag: "Unanswered", code: "invalid_response", fatal: false })
    })
  )
})

describe("a cosine", () => {
  it("is exactly 1 for equal vectors, and -1 for opposite ones", () => {
    for (let size = 1; size < 200; size++) {
      const vector = Array.from({ length: size }, (_, index) => Math.sin(index * size + 1) / 7)
      assert.strictEqual(cosineOf(vector, vector), 1)
      assert.strictEqual(
        cosineOf(
          vector,
          vector.map((x) => -x)
        ),
        -1
      )
    }
    assert.strictEqual(cosineOf([1, 0], [0, 1]), 0)
  })

  it("is none of vectors of different lengths, or without a direction", () => {
    for (const [a, b] of [
      [[1], [1, 2]],
      [
        [0, 0],
        [1, 0]
      ],
      [[], []],
      [[1e200], [1e200]]
    ] as const) {
      assert.strictEqual(cosineOf(a, b), undefined)
    }
  })
})

describe("a model of a grader", () => {
  it("that has no endpoint is known before it is asked", () => {
    const { service } = scripted({ has: (model) => model === "there" })
    for (const asked of [{ _tag: "Judge", input: [], sampling: {} }, { _tag: "Compare" }] as const) {
      assert.strictEqual(unaskable(service, { ...asked, model: "there" }), undefined)
      assert.strictEqual(unaskable(service, { ...asked, model: "elsewhere" })?.code, "model_not_configured")
      assert.match(unaskable(none, { ...asked, model: "x" })?.message ?? "", /^model "x": no endpoint .* Name one: /)
    }
  })
})
