import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { createEval, createRun, Retry, Upload, uploadFile } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, runParams, times, withChance } from "./support.ts"

const rows = (replayable: boolean) =>
  uploadFile({
    file: Upload.fromStream(Stream.succeed(new TextEncoder().encode("{}\n")), { filename: "rows.jsonl", replayable }),
    purpose: "evals"
  })

const creations = [
  [
    "createEval",
    Effect.asVoid(
      createEval({
        name: "tickets",
        data_source_config: { type: "custom", item_schema: { type: "object" } },
        testing_criteria: []
      })
    ),
    WireBuilder.evaluation()
  ],
  ["createRun", Effect.asVoid(createRun(evalId, runParams)), WireBuilder.run()],
  ["uploadFile of what can be read again", Effect.asVoid(rows(true)), WireBuilder.file()]
] as const

const keys = Effect.map(ScriptedHttp.requests, (requests) =>
  requests.map((request) => request.headers["idempotency-key"])
)

/** Failures after which something may have been created. */
const uncertain: ReadonlyArray<ScriptedHttp.Reply> = [
  { status: 408 },
  { status: 409 },
  { status: 500 },
  { status: 503, headers: { "retry-after": "1" } },
  { status: 500, headers: { "x-should-retry": "true" } },
  { failure: "ECONNRESET" },
  { failure: "EPIPE" },
  { failure: "UND_ERR_SOCKET" },
  { delay: "11 minutes" }
]

/** Failures after which it is certain that nothing was. */
const certain: ReadonlyArray<ScriptedHttp.Reply> = [
  { status: 429 },
  { failure: "ECONNREFUSED" },
  { failure: "ENOTFOUND" }
]

describe.each(creations)("%s", (_, create, created) => {
  it.effect.each(uncertain)("is not sent again after %j", (reply) =>
    Effect.gen(function* () {
      yield* failure(create)
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([reply, { body: created }])))
  )

  it.effect.each(certain)("is sent again after %j", (reply) =>
    Effect.gen(function* () {
      yield* elapse(create)
      assert.deepStrictEqual(yield* times, [0, 500])
    }).pipe(withChance(0), Effect.provide(client([reply, { body: created }])))
  )

  it.effect("obeys the wait that a 429 asks for", () =>
    Effect.gen(function* () {
      yield* elapse(create)
      assert.deepStrictEqual(yield* times, [0, 90_000])
    }).pipe(Effect.provide(client([{ status: 429, headers: { "retry-after": "90" } }, { body: created }])))
  )

  it.effect("is not sent again after a 500 by a policy of one's own either", () =>
    Effect.gen(function* () {
      yield* failure(create.pipe(Retry.withPolicy(Retry.transient({ times: 9 }))))
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([{ status: 500 }])))
  )

  it.effect("is not sent again after a 429 where retrying is off", () =>
    Effect.gen(function* () {
      yield* failure(create)
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([{ status: 429 }], { retry: false })))
  )

  it.effect("sends no idempotency-key to a host that is not said to honour it", () =>
    Effect.gen(function* () {
      yield* elapse(create)
      assert.deepStrictEqual(yield* keys, [undefined])
    }).pipe(Effect.provide(client([{ body: created }])))
  )
})

describe.each(creations)("%s with idempotentCreates", (_, create, created) => {
  it.effect.each(uncertain)("is sent again after %j", (reply) =>
    Effect.gen(function* () {
      yield* elapse(create)
      assert.lengthOf(yield* times, 2)
    }).pipe(Effect.provide(client([reply, { body: created }], { idempotentCreates: true })))
  )

  it.effect("is not sent again after status 400", () =>
    Effect.gen(function* () {
      yield* failure(create)
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([{ status: 400 }], { idempotentCreates: true })))
  )

  it.effect("has one key for all attempts of a call, and another key for another call", () =>
    Effect.gen(function* () {
      yield* elapse(create)
      yield* elapse(create)
      const [first, second, third, fourth] = yield* keys
      assert.match(first ?? "", /^effect-evals-[0-9a-f]{32}$/)
      assert.deepStrictEqual([second, third], [first, first])
      assert.match(fourth ?? "", /^effect-evals-[0-9a-f]{32}$/)
      assert.notStrictEqual(fourth, first)
    }).pipe(
      Effect.provide(
        client([{ status: 500 }, { failure: "ECONNRESET" }, { body: created }], { idempotentCreates: true })
      )
    )
  )

  it.effect("takes a key of one's own", () =>
    Effect.gen(function* () {
      yield* elapse(createRun(evalId, runParams, { headers: { "Idempotency-Key": "release-12" } }))
      assert.deepStrictEqual(yield* keys, ["release-12"])
    }).pipe(Effect.provide(client([{ body: WireBuilder.run() }], { idempotentCreates: true })))
  )
})

describe("an upload whose source can be read once", () => {
  it.effect.each([...certain, ...uncertain])("is never sent again, not after %j", (reply) =>
    Effect.gen(function* () {
      yield* failure(rows(false))
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(client([reply, { body: WireBuilder.file() }], { idempotentCreates: true })))
  )
})

describe("an upload whose source can be read again", () => {
  it.effect("sends the same bytes with each attempt", () =>
    Effect.gen(function* () {
      yield* elapse(rows(true))
      const [first, second] = yield* ScriptedHttp.requests
      assert.include(first?.body ?? "", "\r\n\r\n{}\n\r\n--")
      assert.strictEqual(second?.body, first?.body)
    }).pipe(Effect.provide(client([{ status: 429 }, { body: WireBuilder.file() }])))
  )

  it.effect("fails at once, and in words, when its source fails", () =>
    Effect.gen(function* () {
      const error = yield* failure(
        uploadFile({
          file: Upload.fromStream(Stream.fail(new Error("the disk is gone")), {
            filename: "rows.jsonl",
            replayable: true
          }),
          purpose: "evals"
        })
      )
      assert.strictEqual(error.reason._tag, "EncodeError")
      assert.include(error.message, "the disk is gone")
      assert.lengthOf(yield* times, 0)
    }).pipe(Effect.provide(client([{ body: WireBuilder.file() }])))
  )
})
