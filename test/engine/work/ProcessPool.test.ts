import { assert, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import * as Workers from "../../../src/engine/work/Workers.ts"
import { laborious } from "../../behaviour/lib/engine.ts"

const hostile = JSON.stringify({ properties: { a: { type: "string", pattern: "^(a+)+$" } } })
const hostileRow = `{"item":{"a":"${"a".repeat(40)}!"}}`

const endless = JSON.stringify([{ id: "endless", grader: laborious(100_000) }])
const endlessRows = '{"item":{}}\n'.repeat(1000)

it.live("work on runs, on the checking of rows and on all else does not wait for each other", () =>
  Effect.gen(function* () {
    const workers = yield* Workers.Workers
    const validate = (schemaText: string, rows: string) =>
      workers.validateRows({ schemaText, sampleRequired: false, rows })
    // each takes a minute, and there is one worker for its kind
    const judged = yield* Effect.forkChild(workers.grade(endless, endlessRows), { startImmediately: true })
    assert.strictEqual((yield* validate("{}", '{"item":{}}')).rows, 1)
    const checked = yield* Effect.forkChild(validate(hostile, hostileRow), { startImmediately: true })
    yield* workers.checkSchema('{"type":"object"}')
    assert.deepStrictEqual(yield* workers.validateGrader(laborious(1)), [])
    assert.deepStrictEqual([judged.pollUnsafe(), checked.pollUnsafe()], [undefined, undefined])
    yield* Fiber.interruptAll([judged, checked])
  }).pipe(Effect.provide(Workers.layer({ size: 1, sliceMillis: 60_000, validateMillis: 60_000, gradeMillis: 60_000 })))
)

it.live("workers are started once, for any sequence of work of several kinds", () =>
  Effect.gen(function* () {
    const workers = yield* Workers.Workers
    let started = 0
    const count = () => started++
    yield* Effect.acquireRelease(
      Effect.sync(() => subscribe("child_process", count)),
      () => Effect.sync(() => unsubscribe("child_process", count))
    )
    for (let round = 0; round < 5; round++) {
      yield* Effect.all(
        [
          workers.grade(JSON.stringify([{ id: "same", grader: laborious(10) }]), '{"item":{}}'),
          workers.validateRows({ schemaText: "{}", sampleRequired: false, rows: '{"item":{}}' }),
          workers.checkSchema(`{"title":"${round}"}`)
        ],
        { concurrency: 3 }
      )
    }
    assert.strictEqual(started, 3)
  }).pipe(Effect.scoped, Effect.provide(Workers.layer({ size: 1 })))
)

it.live("content that was slow once has separate workers, and other work does not wait for it", () =>
  Effect.gen(function* () {
    const workers = yield* Workers.Workers
    const validate = (schemaText: string, rows: string) =>
      workers.validateRows({ schemaText, sampleRequired: false, rows })
    const ended: Array<string> = []
    const slow = Effect.map(Effect.exit(validate(hostile, hostileRow)), () => ended.push("slow"))
    yield* slow
    const many = yield* Effect.forkChild(
      Effect.all(
        Array.from({ length: 4 }, () => slow),
        { concurrency: 4 }
      ),
      {
        startImmediately: true
      }
    )
    yield* validate("{}", '{"item":{}}')
    ended.push("quick")
    yield* Fiber.join(many)
    assert.strictEqual(ended.length, 6)
    assert.isBelow(ended.indexOf("quick"), 5, ended.join())
  }).pipe(Effect.provide(Workers.layer({ size: 1, validateMillis: 1000 })))
)
