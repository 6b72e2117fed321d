import { assert, describe, it } from "@effect/vitest"
import { leftOut, mostCopied, withCopies } from "../../src/store/copies.ts"

/** An item's text with so many results that show the sample again, and the places of these. */
const item = (sample: string, results: number) => {
  const one = '{"passed":false,"sample":null}'
  const before = '{"datasource_item":{"sample":null},"results":['
  const text = `${before}${Array.from({ length: results }, () => one).join(",")}],"sample":${sample}}`
  const places = Array.from(
    { length: results },
    (_, index) => before.length + index * (one.length + 1) + one.indexOf("null")
  )
  const copies = JSON.stringify([sample.length + 1, ...places.map((place) => text.length - place)])
  return { text, copies, served: text.replaceAll('"passed":false,"sample":null', `"passed":false,"sample":${sample}`) }
}

describe("copies", () => {
  it("are inserted exactly at the stored positions", () => {
    for (const sample of ['{"output":[]}', '{"text":"é 😀 null \\"sample\\":null"}', "{}"]) {
      for (const results of [1, 2, 35]) {
        const { copies, served, text } = item(sample, results)
        assert.strictEqual(withCopies(text, copies), served)
      }
    }
    assert.strictEqual(withCopies('{"sample":null}', null), '{"sample":null}')
  })

  it("are replaced by a mark beyond the size limit of an item", () => {
    const { copies, text } = item(`{"text":"${"x".repeat(mostCopied / 2 - 11)}"}`, 3)
    const served = withCopies(text, copies)
    assert.isAtMost(served.length, text.length + mostCopied + 100)
    const parsed: { results: ReadonlyArray<{ sample: object }> } = JSON.parse(served)
    assert.deepStrictEqual(
      parsed.results.map(({ sample }) => JSON.stringify(sample).length),
      [mostCopied / 2, mostCopied / 2, leftOut.length]
    )
  })
})
