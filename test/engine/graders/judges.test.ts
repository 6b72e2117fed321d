import { assert, describe, it } from "@effect/vitest"
import * as Criteria from "../../../src/engine/graders/Criteria.ts"
import { objectIn } from "../../../src/engine/graders/judgeAnswer.ts"
import { completion } from "../../lib/modelServer.ts"
import { compiled, judgedBy, judgement, questionsOf, refused, row, sampled } from "./lib/judging.ts"

const input = [
  { role: "system", content: "Be strict." },
  {
    role: "user",
    content: [
      { type: "input_text", text: "Is {{ sample.output_text }} like {{ item.label }}?" },
      { type: "input_image", image_url: "{{ item.image }}", detail: "low" },
      { type: "input_audio", input_audio: { data: "{{ item.sound }}", format: "wav" } },
      { type: "input_file", file_data: "{{ item.file }}", filename: "a.pdf" },
      "and {{ item.label }}"
    ]
  }
]

const scoreModel = (fields: object = {}) => ({
  type: "score_model",
  name: "score",
  model: "judge",
  input: [{ role: "user", content: "Good?" }],
  ...fields
})
const labelModel = (fields: object = {}) => ({
  type: "label_model",
  name: "label",
  model: "judge",
  input: [{ role: "user", content: "Kind?" }],
  labels: ["kind", "rude"],
  passing_labels: ["kind"],
  ...fields
})

/** The result of the grader for an answer of its judge. */
const answered = (grader: unknown, answer: object) => {
  const { result, status, usage } = judgedBy(grader, sampled(grader, answer))
  assert.notStrictEqual(status, "error")
  return { ...result, usage }
}

const scores = (grader: unknown, ...results: ReadonlyArray<unknown>) =>
  results.map((result) => {
    const { passed, score } = answered(grader, completion(judgement(result)))
    return [score, passed]
  })

const noUsage = { invocation_count: 1, total_tokens: 0, completion_tokens: 0, prompt_tokens: 0, cached_tokens: 0 }
const usage = { total_tokens: 18, completion_tokens: 7, prompt_tokens: 11, cached_tokens: 4 }

describe("a judge", () => {
  it("is asked with the messages of the grader, all variables filled in", () => {
    const sampling = { temperature: 0.5, seed: 42 }
    const [question, ...others] = questionsOf(scoreModel({ input, sampling_params: sampling }))
    assert.lengthOf(others, 0)
    assert.deepStrictEqual(question, {
      _tag: "Judge",
      model: "judge",
      input: [
        { role: "system", content: "Be strict." },
        {
          role: "user",
          content: [
            { type: "input_text", text: "Is A cat. like a cat?" },
            { type: "input_image", image_url: "https://host/a.png", detail: "low" },
            { type: "input_audio", input_audio: { data: "UklG", format: "wav" } },
            { type: "input_file", file_data: "data:,", filename: "a.pdf" },
            "and a cat"
          ]
        }
      ],
      sampling,
      structure: {
        name: "score",
        schema: {
          type: "object",
          properties: {
            steps: {
              type: "array",
              items: {
                type: "object",
                properties: { description: { type: "string" }, conclusion: { type: "string" } },
                required: ["description", "conclusion"],
                additionalProperties: false
              }
            },
            result: { type: "number" }
          },
          required: ["steps", "result"],
          additionalProperties: false
        }
      }
    })
  })

  it("that labels is asked for one of the labels", () => {
    const [question] = questionsOf(labelModel({ labels: ["kind", "rude", "kind"], sampling_params: null }))
    assert.deepStrictEqual(question?._tag === "Judge" && [question.sampling, question.structure.name], [{}, "label"])
    assert.deepInclude(question?._tag === "Judge" ? question.structure.schema["properties"] : {}, {
      result: { type: "string", enum: ["kind", "rude"] }
    })
  })

  it("is not asked where a variable has no value, and the grader scores 0 with a copy of the sample", () => {
    for (const content of ["{{ item.none }}", [{ type: "input_image", image_url: "{{ item.none }}" }]]) {
      const judged = compiled(scoreModel({ input: [{ role: "user", content }] })).judge(row)
      assert.strictEqual(judged.status, "fail")
      assert.isDefined(judged.status === "asking" ? undefined : judged.copies)
    }
  })

  it("is listed before anything is judged, with its unrendered messages", () => {
    const criteria = [labelModel(), { ...scoreModel(), model: "other" }].map((grader) => ({ id: grader.name, grader }))
    assert.deepStrictEqual(
      Criteria.models(criteria).map(({ asked, criterion, name }) => [criterion, name, asked._tag, asked.model]),
      [
        [0, "label", "Judge", "judge"],
        [1, "score", "Judge", "other"]
      ]
    )
    const [first] = Criteria.models(criteria)
    assert.deepStrictEqual(first?.asked._tag === "Judge" && first.asked.input, labelModel().input)
    assert.deepStrictEqual(compiled(labelModel()).models.length, 1)
  })
})

describe("the score of a model", () => {
  it("is within the range, and passes from the middle of the range on", () => {
    assert.deepStrictEqual(scores(scoreModel(), 0.5, 0.49, 1.5, -2, 0), [
      [0.5, true],
      [0.49, false],
      [1, true],
      [0, false],
      [0, false]
    ])
    assert.deepStrictEqual(scores(scoreModel({ range: [1, 7] }), 4, 3.9, 9, 0), [
      [4, true],
      [3.9, false],
      [7, true],
      [1, false]
    ])
    assert.deepStrictEqual(scores(scoreModel({ range: [1, 7], pass_threshold: 5.5 }), 5, 6), [
      [5, false],
      [6, true]
    ])
    assert.deepStrictEqual(scores(scoreModel({ range: null, pass_threshold: null }), 0.5), [[0.5, true]])
  })

  it("is shown with the judge's sample as the host records it", () => {
    const grader = scoreModel({
      sampling_params: { temperature: 0.5, top_p: 0.9, seed: 42, reasoning_effort: "low", max_completions_tokens: 99 }
    })
    const { sample, usage: taken } = answered(grader, completion(judgement(0.75)))
    assert.strictEqual(
      JSON.stringify(sample),
      JSON.stringify({
        input: [{ role: "user", content: "Good?" }],
        output: [{ role: "assistant", content: judgement(0.75) }],
        finish_reason: "stop",
        model: "gpt-4.1-2025-04-14",
        usage,
        error: null,
        seed: 42,
        temperature: 0.5,
        top_p: 0.9,
        reasoning_effort: "low",
        max_completions_tokens: 99
      })
    )
    assert.deepStrictEqual(taken, [{ model_name: "gpt-4.1-2025-04-14", invocation_count: 1, ...usage }])
    assert.deepInclude(answered(scoreModel(), completion(judgement(1))).sample, {
      seed: null,
      temperature: 1,
      top_p: 1,
      reasoning_effort: null,
      max_completions_tokens: 4096
    })
  })

  it("counts its call even if the answer has no token counts", () => {
    const { usage: taken } = answered(scoreModel(), completion(judgement(1), { usage: undefined }))
    assert.deepStrictEqual(taken, [{ model_name: "gpt-4.1-2025-04-14", ...noUsage }])
  })
})

describe("the label of a model", () => {
  it("scores 1 and passes where it is a passing one, and 0 otherwise", () => {
    assert.deepStrictEqual(scores(labelModel(), "kind", "rude"), [
      [1, true],
      [0, false]
    ])
    assert.deepStrictEqual(scores(labelModel({ passing_labels: ["rude", "kind"] }), "rude"), [[1, true]])
  })
})

describe("an answer that is no judgement", () => {
  const message = (fields: object, finish_reason = "stop") => ({
    ...completion(null),
    choices: [{ index: 0, message: { role: "assistant", content: null, ...fields }, finish_reason }]
  })

  const cases: ReadonlyArray<readonly [string, object, string, RegExp]> = [
    ["a refusal", message({ refusal: "I cannot." }), "model_grader_refusal_error", /^the model refuses: I cannot\.$/],
    ["a filtered one", message({ content: "" }, "content_filter"), "model_grader_refusal_error", /filter/],
    [
      "one that is cut off",
      message({ content: '{"steps":[' }, "length"),
      "model_grader_exceeded_max_tokens_error",
      /cut off/
    ],
    ["one without text", message({}), "model_grader_parse_error", /no text/],
    ["prose", completion("It is good."), "model_grader_parse_error", /no JSON object/],
    ["a list", completion("[1]"), "model_grader_parse_error", /no JSON object/],
    ["broken JSON", completion('{"result": 1'), "model_grader_parse_error", /no JSON object/],
    ["an object without a result", completion('{"steps":[]}'), "model_grader_parse_error", /no result/],
    ["a number as a text", completion(judgement("0.5")), "model_grader_parse_error", /no number/],
    ["null", completion(judgement(null)), "model_grader_parse_error", /no number/],
    ["infinity", completion('{"result":1e999}'), "model_grader_parse_error", /no number/]
  ]

  for (const [name, answer, code, why] of cases) {
    it(`scores 0, keeps its sample and says why: ${name}`, () => {
      const { passed, sample, score, usage: taken } = answered(scoreModel({ range: [-5, -1] }), answer)
      assert.deepStrictEqual([passed, score, sample.error.code], [false, 0, code])
      assert.match(sample.error.message, why)
      assert.deepStrictEqual(sample.input, [{ role: "user", content: "Good?" }])
      assert.lengthOf(sample.output, 1)
      assert.deepStrictEqual(taken, [{ model_name: "gpt-4.1-2025-04-14", invocation_count: 1, ...usage }])
    })
  }

  it("scores 0 where a label is none of the labels", () => {
    for (const result of ["Kind", " kind", "", 1, null, ["kind"]]) {
      const { sample, score } = answered(labelModel(), completion(judgement(result)))
      assert.deepStrictEqual([score, sample.error.code], [0, "model_grader_parse_error"])
    }
  })

  it("is read from the first of several choices", () => {
    const choices = [0.75, 0.25].map((result, index) => ({
      index,
      message: { role: "assistant", content: judgement(result) },
      finish_reason: "stop"
    }))
    assert.strictEqual(answered(scoreModel(), { ...completion(""), choices }).score, 0.75)
  })

  it("of an endpoint that ignores formats is the first JSON object in it", () => {
    const object = { steps: [{ description: 'a } "quoted" {', conclusion: "b" }], result: 0.75 }
    const json = JSON.stringify(object)
    for (const text of [
      json,
      `\n ${json} \n`,
      `\`\`\`json\n${json}\n\`\`\``,
      `Let me think about {this}. So: ${json} That is {"result": 0}.`
    ]) {
      assert.deepStrictEqual(objectIn(text), object, text)
    }
    assert.strictEqual(objectIn("{".repeat(1_000_000)), undefined)
    assert.strictEqual(objectIn('{"a"'), undefined)
  })
})

describe("a judge that gives no answer", () => {
  it("makes the item errored, with the reason", () => {
    const judged = judgedBy(scoreModel(), {
      _tag: "Unanswered",
      flag: "model_grader_server_error",
      code: "server_error",
      message: "model: down",
      fatal: false
    })
    const cause = judged.status === "error" ? judged.cause : undefined
    assert.deepStrictEqual(cause, { code: "server_error", message: "model: down" })
    assert.deepStrictEqual(judged.passed, [false])
    assert.deepStrictEqual(judged.result, {
      name: "c-0",
      passed: false,
      sample: { error: { code: "server_error", message: "model: down" } },
      score: 0
    })
  })

  it("reports a reply of the wrong kind as a defect of the engine", () => {
    const { cosine, usage } = { cosine: 1, usage: { ...noUsage, model_name: "embedder" } }
    assert.strictEqual(judgedBy(scoreModel(), { _tag: "Compared", cosine, usage }).status, "error")
  })
})

describe("graders that contradict themselves", () => {
  it("are refused with the field that is wrong", () => {
    for (const [grader, why] of [
      [scoreModel({ range: [1, 0] }), /range goes from 1 to 0/],
      [scoreModel({ range: [1, 1] }), /range goes from 1 to 1/],
      [scoreModel({ range: [1] }), /range must be a list of two numbers/],
      [scoreModel({ range: "0-1" }), /range must be a list of two numbers/],
      [scoreModel({ pass_threshold: "1" }), /pass_threshold must be a number/],
      [scoreModel({ model: "" }), /model is empty/],
      [scoreModel({ model: 4 }), /model must be a text/],
      [scoreModel({ input: [] }), /input must be a list/],
      [scoreModel({ input: "Good?" }), /input must be a list/],
      [scoreModel({ input: [{ role: "user" }] }), /input must be a list/],
      [scoreModel({ input: [{ role: "user", content: null }] }), /input must be a list/],
      [labelModel({ labels: [] }), /labels must be a list of at least one text/],
      [labelModel({ labels: ["a", 1] }), /labels must be a list/],
      [labelModel({ passing_labels: "kind" }), /passing_labels must be a list of texts/],
      [labelModel({ passing_labels: ["Kind"] }), /passing_labels has "Kind", which is not among labels/]
    ] as const) {
      const { kind, message } = refused(grader)
      assert.match(message, why)
      assert.strictEqual(kind, "invalid")
    }
  })
})
