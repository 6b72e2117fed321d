import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { pageText } from "../../../src/engine/operations/shared.ts"

describe("a page", () => {
  it("is one string with the stored objects inside the fields of a list", () => {
    const rows = ['{"id":"a", "n":1.0}', "{}"].map((body, index) => ({ id: `id ${index}`, body }))
    assert.strictEqual(
      pageText({ rows, hasMore: true }),
      '{"object":"list","data":[{"id":"a", "n":1.0},{}],"first_id":"id 0","last_id":"id 1","has_more":true}'
    )
    assert.strictEqual(
      pageText({ rows: [], hasMore: false }),
      '{"object":"list","data":[],"first_id":null,"last_id":null,"has_more":false}'
    )
  })

  it.effect("is a stream if it is too large for a string", () =>
    Effect.gen(function* () {
      const body = `"${"x".repeat(8 * 1024 * 1024)}"`
      const page = pageText({
        rows: Array.from({ length: 9 }, (_, index) => ({ id: `${index}`, body })),
        hasMore: false
      })
      assert.notStrictEqual(typeof page, "string")
      if (typeof page === "string") return
      let size = 0
      let ends = ""
      yield* Stream.runForEach(page, (part) =>
        Effect.sync(() => {
          size += part.length
          if (part.length < 1000) ends += new TextDecoder().decode(part)
        })
      )
      assert.strictEqual(ends, '{"object":"list","data":[],"first_id":"0","last_id":"8","has_more":false}')
      assert.strictEqual(size, ends.length + 9 * body.length + 8)
    })
  )
})
