import { assert, describe, it } from "@effect/vitest"
import { stopwatch, within } from "../../../src/engine/work/timeLimit.ts"

describe("within", () => {
  it("runs what ends in time", () => {
    let ran = 0
    assert.isTrue(
      within(1000, () => {
        ran++
      })
    )
    assert.strictEqual(ran, 1)
  })

  it("stops a loop, whatever it catches", () => {
    let cleaned = false
    const ended = within(20, () => {
      for (;;) {
        try {
          JSON.parse("no JSON")
        } catch {
          // goes on
        } finally {
          cleaned = false
        }
      }
    })
    assert.isFalse(ended)
    assert.isFalse(cleaned)
  })

  it("stops a regular expression", () => {
    let matched: boolean | undefined
    const hostile = /^(a+)+$/u
    assert.isFalse(
      within(20, () => {
        matched = hostile.test(`${"a".repeat(40)}!`)
      })
    )
    assert.isUndefined(matched)
  })

  it("passes on what is thrown", () => {
    assert.throws(() => {
      within(1000, () => {
        throw new RangeError("too far")
      })
    }, "too far")
  })
})

describe("watch", () => {
  it("tells whether the time has passed", () => {
    assert.isTrue(stopwatch(0)())
    assert.isFalse(stopwatch(60_000)())
  })
})
