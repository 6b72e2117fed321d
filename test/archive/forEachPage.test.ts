import { assert, describe, it } from "@effect/vitest"
import { Effect, Ref } from "effect"
import { EvalsError } from "effect-evals"
import { forEachPage } from "../../src/archive/forEachPage.ts"

interface Page {
  readonly data: ReadonlyArray<{ readonly id: string }>
  readonly has_more: boolean
}

const page = (ids: ReadonlyArray<string>, has_more: boolean): Page => ({ data: ids.map((id) => ({ id })), has_more })

/** A host that answers each cursor with one page, and records the cursors. */
const host = (pages: { readonly [cursor: string]: Page }) => {
  const asked: Array<string | undefined> = []
  const read = (cursor: string | undefined) =>
    Effect.sync(() => {
      asked.push(cursor)
      return pages[cursor ?? ""] ?? page([], false)
    })
  return { asked, read }
}

const idsOf = (ids: Ref.Ref<ReadonlyArray<string>>) => (read: Page) =>
  Ref.update(ids, (before) => [...before, ...read.data.map(({ id }) => id)])

describe("forEachPage", () => {
  it.effect("reads page after page, and stops at the first one without has_more", () =>
    Effect.gen(function* () {
      const { asked, read } = host({ "": page(["a", "b"], true), b: page(["c"], false) })
      const ids = yield* Ref.make<ReadonlyArray<string>>([])
      yield* forEachPage(read, idsOf(ids))
      assert.deepStrictEqual(yield* Ref.get(ids), ["a", "b", "c"])
      assert.deepStrictEqual(asked, [undefined, "b"])
    })
  )

  it.effect("reads the page after a doubtful end", () =>
    Effect.gen(function* () {
      const { asked, read } = host({ "": page(["a", "b"], false), b: page(["c"], false) })
      const ids = yield* Ref.make<ReadonlyArray<string>>([])
      yield* forEachPage(read, idsOf(ids), { doubtsEnd: ({ data }) => data.length === 2 })
      assert.deepStrictEqual(yield* Ref.get(ids), ["a", "b", "c"])
      assert.deepStrictEqual(asked, [undefined, "b"])
    })
  )

  it.effect("fails if the host ignores the cursor, unless all objects were read", () =>
    Effect.gen(function* () {
      const { read } = host({ "": page(["a", "b"], true), b: page(["a", "b"], true) })
      const error = yield* Effect.flip(forEachPage(read, () => Effect.void))
      assert.instanceOf(error, EvalsError.EvalsError)
      assert.include(error.message, "the host ignores the cursor")
      yield* forEachPage(read, () => Effect.void, { isComplete: () => true })
    })
  )

  it.effect("continues with the failed page when it runs again", () =>
    Effect.gen(function* () {
      const { asked, read } = host({ "": page(["a"], true), a: page(["b"], false) })
      const ids = yield* Ref.make<ReadonlyArray<string>>([])
      let failures = 1
      const all = forEachPage(
        (cursor) => (cursor === "a" && failures-- > 0 ? Effect.as(Effect.fail("lost"), page([], false)) : read(cursor)),
        idsOf(ids)
      )
      assert.strictEqual(yield* Effect.flip(all), "lost")
      yield* all
      assert.deepStrictEqual(yield* Ref.get(ids), ["a", "b"])
      assert.deepStrictEqual(asked, [undefined, "a"])
    })
  )
})
