import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import { ofText } from "../../../src/engine/rows/Sample.ts"
import { compile } from "../../../src/engine/rows/ValueTemplate.ts"

const scope = { item: new JsonText({ q: "2 + 2?", url: "https://a/b.png" }, "", false), sample: ofText("4") }

describe("a value of templates", () => {
  it("renders each of its strings, and keeps all other values", () => {
    const messages = [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "input_text", text: "{{ item.q }} {{ sample.output_text }}" },
          { type: "input_image", image_url: "{{item.url}}", detail: "low", n: [1, null, true] }
        ]
      }
    ]
    assert.deepStrictEqual(Result.getOrThrow(compile(messages).render(scope)), [
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "input_text", text: "2 + 2? 4" },
          { type: "input_image", image_url: "https://a/b.png", detail: "low", n: [1, null, true] }
        ]
      }
    ])
  })

  it("fails with the first variable that has no value", () => {
    const rendered = compile({ a: "{{ item.q }}", b: ["{{ item.x }}", "{{ item.y }}"] }).render(scope)
    assert.deepStrictEqual(rendered, Result.fail({ variable: "{{ item.x }}" }))
  })
})
