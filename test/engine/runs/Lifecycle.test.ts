import { assert, describe, it } from "@effect/vitest"
import { type Event, hasEnded, isActive, next, type Status } from "../../../src/engine/runs/Lifecycle.ts"

const table: Readonly<Record<Status, Readonly<Record<Event, Status>>>> = {
  queued: { start: "in_progress", complete: "queued", fail: "failed", cancel: "canceled", retry: "queued" },
  in_progress: {
    start: "in_progress",
    complete: "completed",
    fail: "failed",
    cancel: "canceled",
    retry: "in_progress"
  },
  completed: {
    start: "completed",
    complete: "completed",
    fail: "completed",
    cancel: "completed",
    retry: "in_progress"
  },
  canceled: { start: "canceled", complete: "canceled", fail: "canceled", cancel: "canceled", retry: "in_progress" },
  failed: { start: "failed", complete: "failed", fail: "failed", cancel: "failed", retry: "in_progress" }
}

const statuses = ["queued", "in_progress", "completed", "canceled", "failed"] as const
const events = ["start", "complete", "fail", "cancel", "retry"] as const

describe("the life of a run", () => {
  for (const status of statuses) {
    for (const event of events) {
      it(`${status}, ${event}: ${table[status][event]}`, () => {
        assert.strictEqual(next(status, event), table[status][event])
      })
    }
  }

  it("is worked on until it has ended", () => {
    assert.deepStrictEqual(statuses.filter(isActive), ["queued", "in_progress"])
    assert.deepStrictEqual(statuses.filter(hasEnded), ["completed", "canceled", "failed"])
  })
})
