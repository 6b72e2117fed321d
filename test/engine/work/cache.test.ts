import { assert, describe, it } from "@effect/vitest"
import { Cache } from "../../../src/engine/work/cache.ts"

describe("Cache", () => {
  it("keeps what was used last", () => {
    const made: Array<string> = []
    const cache = new Cache(2, (text) => {
      made.push(text)
      return text.length
    })
    assert.deepStrictEqual(
      ["a", "bb", "a", "ccc", "a", "bb"].map((text) => cache.get(text)),
      [1, 2, 1, 3, 1, 2]
    )
    assert.deepStrictEqual(made, ["a", "bb", "ccc", "bb"])
  })
})
