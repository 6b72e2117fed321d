/** The client's half of the grader types. `test/Lint.test.ts` has their findings. */
import { assert, describe, it } from "@effect/vitest"
import { graderType } from "../../src/schema/graders/registry.ts"

const message = { role: "user", content: [{ type: "input_text", text: "{{ item.a }}" }] }

describe("graderType", () => {
  it("knows each type that the API documents, and no other", () => {
    for (const type of ["string_check", "text_similarity", "python", "score_model", "label_model", "multi"]) {
      assert.isDefined(graderType(type), type)
    }
    for (const type of ["", "toString", "__proto__", undefined, null, 1, {}]) assert.isUndefined(graderType(type))
  })

  it("finds the templates of each type", () => {
    const texts = { input: "{{ item.a }}", reference: "{{ item.b }}", operation: "eq" }
    const sites = (type: string, criterion: unknown) =>
      graderType(type)
        ?.templateSites?.(criterion, ["c"])
        .map(({ path, text }) => `${path.join(".")} ${text}`)
    const compared = ["c.input {{ item.a }}", "c.reference {{ item.b }}"]
    assert.deepStrictEqual(sites("string_check", texts), compared)
    assert.deepStrictEqual(sites("text_similarity", texts), compared)
    for (const type of ["score_model", "label_model"]) {
      assert.deepStrictEqual(sites(type, { input: [message] }), ["c.input.0.content.0.text {{ item.a }}"])
    }
    assert.isUndefined(sites("python", { source: "{{ item.a }}" }))
  })

  it("takes the middle of the scores as the default threshold", () => {
    const byDefault = (type: string, criterion: unknown = {}) => graderType(type)?.defaultPassThreshold?.(criterion)
    assert.strictEqual(byDefault("text_similarity"), 0.5)
    assert.strictEqual(byDefault("python"), 0.5)
    assert.strictEqual(byDefault("score_model"), 0.5)
    assert.strictEqual(byDefault("score_model", { range: null }), 0.5)
    assert.strictEqual(byDefault("score_model", { range: [1, 7] }), 4)
    assert.strictEqual(byDefault("score_model", { range: ["1", "7"] }), 0.5)
    for (const type of ["string_check", "label_model", "multi"]) assert.isUndefined(byDefault(type), type)
  })

  it("shows the operation, the metric or the model of a grader", () => {
    const detail = (type: string, grader: unknown) => graderType(type)?.detail?.(grader)
    assert.strictEqual(detail("string_check", { operation: "eq" }), "eq")
    assert.strictEqual(detail("text_similarity", { evaluation_metric: "bleu" }), "bleu")
    assert.strictEqual(detail("score_model", { model: "m" }), "m")
    assert.strictEqual(detail("label_model", { model: "m" }), "m")
    assert.isUndefined(detail("python", { source: "" }))
  })
})
