import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { EvalsError, type Run } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import * as State from "../../src/internal/watchState.ts"

const run = (total: number, status: Run.RunStatus = "in_progress"): Run.Run =>
  WireBuilder.run({ status, result_counts: { total, errored: 0, failed: 0, passed: total } })

const error = new EvalsError.EvalsError({
  method: "retrieveRun",
  reason: new EvalsError.TimeoutError({ detail: "no answer", timeout: Duration.seconds(45) })
})

const first = run(0)
const second = run(5)
const over: State.State = { _tag: "Over" }
const events = Effect.undefined

const polled: State.Polled = { _tag: "Polled", run: first, seen: first }
const failing: State.Polled = { ...polled, seen: error, failing: true }
const deaf: State.Polled = { _tag: "Deaf", run: first, seen: first }
const told: State.Told = { _tag: "Told", run: first, events }

const ends: ReadonlyArray<Run.RunStatus> = ["completed", "failed", "canceled"]

describe("a polled run", () => {
  it("has no run and no input of the schedule before the first answer", () => {
    assert.deepStrictEqual(State.initial, { _tag: "Polled" })
  })

  it("is a change with the first answer", () => {
    assert.deepStrictEqual(State.answered(State.initial, first, false), [[first], polled])
  })

  it("is a change when it differs from the last answer", () => {
    assert.deepStrictEqual(State.answered(polled, second, false), [
      [second],
      { _tag: "Polled", run: second, seen: second }
    ])
  })

  it("is no change when it equals the last answer", () => {
    const equal = run(0)
    const [changes, next] = State.answered(polled, equal, false)
    assert.deepStrictEqual(changes, [])
    assert.isTrue(next._tag === "Polled" && next.seen === equal)
  })

  it("is no change when inline rows alone differ", () => {
    const rows: Run.Run = {
      ...first,
      data_source: { type: "jsonl", source: { type: "file_content", content: [{ item: { text: "one" } }] } }
    }
    assert.deepStrictEqual(State.answered(polled, rows, false)[0], [])
  })

  it("is a change when it is nested too deep to be compared", () => {
    const deep = (): Run.Run => {
      let nested: object = {}
      for (let depth = 0; depth < 100_000; depth++) nested = { nested }
      return Object.assign({ ...first }, { unknown: nested })
    }
    const after = deep()
    assert.strictEqual(State.answered({ ...polled, run: deep() }, after, false)[0][0], after)
  })

  it("is received as events once the host announces them", () => {
    assert.deepStrictEqual(State.answered(polled, second, true), [[second], { _tag: "Told", run: second }])
    assert.deepStrictEqual(State.answered(State.initial, first, true), [[first], { _tag: "Told", run: first }])
  })

  for (const status of ends) {
    it(`is over when it is ${status}, even if its events are announced`, () => {
      const last = run(9, status)
      assert.deepStrictEqual(State.answered(polled, last, false), [[last], over])
      assert.deepStrictEqual(State.answered(polled, last, true), [[last], over])
      assert.deepStrictEqual(State.answered(deaf, last, true), [[last], over])
    })
  }

  it("is failing after an error, and the schedule sees that error", () => {
    assert.deepStrictEqual(State.failed(polled, error), [[], failing])
    assert.deepStrictEqual(State.failed(failing, error), [[], failing])
    assert.deepStrictEqual(State.failed(State.initial, error), [[], { _tag: "Polled", seen: error, failing: true }])
  })

  it("is no longer failing after an answer", () => {
    assert.deepStrictEqual(State.answered(failing, first, false), [[], polled])
  })

  it("is over when its schedule ends", () => {
    assert.deepStrictEqual(State.ended, [[], over])
  })
})

describe("a run whose changes come as events", () => {
  it("has a change for each event that differs from the one before", () => {
    assert.deepStrictEqual(State.received(told, [first, second, run(5), run(7)]), [
      [second, run(7)],
      { ...told, run: run(7) }
    ])
  })

  it("stays as it is while events bring no run", () => {
    assert.deepStrictEqual(State.received(told, []), [[], told])
  })

  it("keeps the rows of its first answer, which events leave out", () => {
    const { data_source: _, ...bare } = second
    const [changes, next] = State.received(told, [bare])
    assert.deepStrictEqual(changes, [second])
    assert.deepStrictEqual(next, { ...told, run: second })
    assert.isDefined(second.data_source)
  })

  for (const status of ends) {
    it(`is over when it is ${status}, whatever follows`, () => {
      const last = run(9, status)
      assert.deepStrictEqual(State.received(told, [second, last, run(10)]), [[second, last], over])
    })
  }

  it("is polled again when events stop, and the schedule sees its last version", () => {
    assert.deepStrictEqual(State.stopped(told), [[], polled])
  })

  it("is polled without events after an error that may pass, and the schedule sees that error", () => {
    assert.deepStrictEqual(State.refused(told, error, true), [[], { ...deaf, seen: error }])
  })

  it("is polled without events after an error that will not pass, and the schedule sees its last version", () => {
    assert.deepStrictEqual(State.refused(told, error, false), [[], deaf])
  })
})

describe("a run whose events failed", () => {
  it("is polled, even if its events are announced again", () => {
    assert.deepStrictEqual(State.answered(deaf, second, true), [[second], { _tag: "Deaf", run: second, seen: second }])
  })

  it("is not failing yet: the first failed request after its events is logged", () => {
    const [, next] = State.refused(told, error, true)
    assert.isTrue(next._tag === "Deaf" && next.failing !== true)
  })

  it("is failing after an error, and not after an answer", () => {
    assert.deepStrictEqual(State.failed(deaf, error), [[], { ...deaf, seen: error, failing: true }])
    assert.deepStrictEqual(State.answered({ ...deaf, failing: true }, first, true), [[], deaf])
  })
})
