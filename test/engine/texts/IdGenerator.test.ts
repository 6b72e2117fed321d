import { assert, describe, it } from "@effect/vitest"
import { Effect, Random } from "effect"
import { IdGenerator } from "effect-evals/engine"
import { TestClock } from "effect/testing"

const seeded = Random.withSeed(IdGenerator.make, "ids")

describe("IdGenerator", () => {
  it.effect("makes the host's ids: a prefix, the seconds, and the digits of a UUID of version 8", () =>
    Effect.gen(function* () {
      const ids = yield* IdGenerator.make
      yield* TestClock.setTime(1_764_000_000_500)
      const id = yield* ids.next("evalrun_")
      assert.strictEqual(id.slice(8, 16), (1_764_000_000).toString(16))
      assert.strictEqual(id.slice(16, 20), "8000")
      assert.strictEqual(id.charAt(20), "8")
      assert.match(id.charAt(24), /[89ab]/)
    })
  )

  it.effect("sorts ids by their creation, also when the clock stands still or goes back", () =>
    Effect.gen(function* () {
      const ids = yield* IdGenerator.make
      yield* TestClock.setTime(1_764_000_000_999)
      const first = yield* ids.many("outputitem_", 10_000)
      yield* TestClock.setTime(1_763_000_000_000)
      const second = yield* ids.many("outputitem_", 10)
      yield* TestClock.setTime(1_764_000_005_000)
      const third = yield* ids.next("outputitem_")
      const all = [...first, ...second, third]
      assert.deepStrictEqual(all.toSorted(), all)
      assert.strictEqual(new Set(all).size, all.length)
    })
  )

  it.effect("repeats under a seed, and does not under another", () =>
    Effect.gen(function* () {
      const one = yield* (yield* seeded).many("eval_", 3)
      const same = yield* (yield* seeded).many("eval_", 3)
      const other = yield* (yield* Random.withSeed(IdGenerator.make, "others")).many("eval_", 3)
      assert.deepStrictEqual(same, one)
      assert.notDeepEqual(other, one)
    })
  )

  it.effect("makes UUIDs of version 4", () =>
    Effect.gen(function* () {
      const ids = yield* IdGenerator.make
      const uuids = yield* Effect.replicateEffect(ids.uuid, 100)
      for (const uuid of uuids) {
        assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      }
      assert.strictEqual(new Set(uuids).size, 100)
    })
  )
})
