/** A schedule of one's own as policy: the rules that are kept beneath it, and how they are set aside. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schedule, Stream } from "effect"
import {
  awaitRun,
  createRun,
  downloadFile,
  listRuns,
  Polling,
  retrieveEval,
  Retry,
  RunId,
  Upload,
  uploadFile,
  watchRun
} from "effect-evals"
import { type ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, elapse, evalId, failure, fileId, runId, runParams, times, withChance } from "./support.ts"

const evaluation = { body: WireBuilder.evaluation() }

/** Five repetitions, after 200 ms and then twice as long each time. */
const own = Schedule.upTo(Schedule.exponential("200 millis"), { times: 5 })

/** How long after the first of them the requests were sent. */
const waits = Effect.map(times, (sent) => sent.map((time) => time - (sent[0] ?? 0)))

/** When a read was sent to a host that answers by a script. */
const sentAt = (script: ScriptedHttp.Script, retry: Retry.Policy | Retry.Relaxed = own) =>
  elapse(Effect.exit(retrieveEval(evalId, { retry }))).pipe(
    Effect.andThen(waits),
    withChance(0),
    Effect.provide(client(script))
  )

describe("beneath a schedule of one's own", () => {
  it.effect("an error that is retryable is retried when the schedule says", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt([{ status: 500 }]), [0, 200, 600, 1400, 3000, 6200])
      assert.deepStrictEqual(yield* sentAt([{ failure: "ECONNRESET" }, evaluation]), [0, 200])
    })
  )

  it.effect.each([400, 401, 403, 404, 410, 422])("status %d is not retried", (status) =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt([{ status }]), [0])
    })
  )

  it.effect("an answer that cannot be read is not retried", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* sentAt([{ body: "<html>" }]), [0])
    })
  )

  it.effect("x-should-retry outweighs the list of statuses", () =>
    Effect.gen(function* () {
      const saying = (status: number, retry: string) => [{ status, headers: { "x-should-retry": retry } }, evaluation]
      assert.deepStrictEqual(yield* sentAt(saying(500, "false")), [0])
      assert.deepStrictEqual(yield* sentAt(saying(400, "true")), [0, 200])
    })
  )

  it.effect("retry-after is the least wait, and the schedule's where that is longer", () =>
    Effect.gen(function* () {
      const asking = (seconds: string) => [{ status: 429, headers: { "retry-after": seconds } }, evaluation]
      assert.deepStrictEqual(yield* sentAt(asking("60")), [0, 60_000])
      assert.deepStrictEqual(yield* sentAt(asking("0.1")), [0, 200])
    })
  )

  it.effect("a creation is sent again only where nothing can have been created", () =>
    Effect.gen(function* () {
      const upload = uploadFile({ file: Upload.fromRows([{ item: {} }]), purpose: "evals" })
      for (const create of [Effect.asVoid(createRun(evalId, runParams)), Effect.asVoid(upload)]) {
        const sent = (reply: ScriptedHttp.Reply) =>
          failure(create).pipe(
            Retry.withPolicy({ policy: own, retryable: () => true }),
            Effect.andThen(waits),
            Effect.provide(client([reply]))
          )
        assert.lengthOf(yield* sent({ status: 500 }), 1)
        assert.lengthOf(yield* sent({ status: 429 }), 6)
      }
    })
  )
})

describe("a rule that is set aside", () => {
  it.effect("lets other errors be retried, each error by its own name", () =>
    Effect.gen(function* () {
      const retryable: Retry.Relaxed["retryable"] = (error) => error.isRetryable || error.status === 404
      for (const policy of [own, Retry.transient({ base: "200 millis", times: 5 })]) {
        assert.lengthOf(yield* sentAt([{ status: 404 }], { policy, retryable }), 6)
        assert.lengthOf(yield* sentAt([{ status: 400 }], { policy, retryable }), 1)
      }
      assert.lengthOf(yield* sentAt([{ status: 500 }], { policy: own, retryable: () => false }), 1)
    })
  )

  it.effect("lets a schedule wait less than the host asks for", () =>
    Effect.gen(function* () {
      const script = [{ status: 429, headers: { "retry-after": "60" } }, evaluation]
      assert.deepStrictEqual(yield* sentAt(script, { policy: own, ignoreRetryAfter: true }), [0, 200])
    })
  )

  it.effect("holds for a client, an effect and a call", () =>
    Effect.gen(function* () {
      const relaxed: Retry.Relaxed = { policy: own, retryable: () => true }
      const call = retrieveEval(evalId)
      const run = (program: typeof call, options: Parameters<typeof client>[1] = {}) =>
        elapse(Effect.exit(program)).pipe(Effect.andThen(waits), Effect.provide(client([{ status: 404 }], options)))
      assert.lengthOf(yield* run(call, { retry: relaxed }), 6)
      assert.lengthOf(yield* run(Retry.withPolicy(call, relaxed)), 6)
      assert.lengthOf(yield* run(retrieveEval(evalId, { retry: relaxed })), 6)
    })
  )
})

describe("beneath a polling schedule of one's own", () => {
  const pending = { body: WireBuilder.run({ status: "queued" }) }
  const done = { body: WireBuilder.run({ status: "completed" }) }
  const each = Schedule.spaced("1 second")

  /** When a run was asked for. */
  const polledAt = (script: ScriptedHttp.Script, schedule: Polling.Policy | Polling.Relaxed = each) =>
    elapse(Effect.exit(awaitRun(evalId, runId, { schedule }))).pipe(
      Effect.andThen(waits),
      Effect.provide(client(script, { retry: false }))
    )

  it.effect("an error that is not retryable ends the wait, another one does not", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* polledAt([pending, { status: 404 }, done]), [0, 1000])
      assert.deepStrictEqual(yield* polledAt([pending, { status: 503 }, done]), [0, 1000, 2000])
    })
  )

  it.effect("retry-after is the least wait", () =>
    Effect.gen(function* () {
      const [, second = 0] = yield* polledAt([{ status: 429, headers: { "retry-after": "60" } }, done])
      assert.isAtLeast(second, 60_000)
    })
  )

  it.effect("is kept until it is set aside", () =>
    Effect.gen(function* () {
      const retryable: Polling.Relaxed["retryable"] = (error) => error.isRetryable || error.status === 404
      assert.deepStrictEqual(
        yield* polledAt([{ status: 404 }, { status: 404 }, done], { policy: each, retryable }),
        [0, 1000, 2000]
      )
      assert.deepStrictEqual(
        yield* polledAt([{ status: 429, headers: { "retry-after": "60" } }, done], {
          policy: each,
          ignoreRetryAfter: true
        }),
        [0, 1000]
      )
    })
  )
})

describe("withPolicy on a stream", () => {
  it.effect("replaces the policy of each page of a list, and of a download", () =>
    Effect.gen(function* () {
      const second = WireBuilder.run({ id: RunId.make("evalrun_2") })
      const script: ReadonlyArray<ScriptedHttp.Reply> = [
        { body: WireBuilder.page([WireBuilder.run()], true) },
        { status: 500 },
        { body: WireBuilder.page([second]) }
      ]
      const runs = listRuns(evalId).pipe(Retry.withPolicy(Schedule.spaced("3 seconds")))
      const list = yield* elapse(Stream.runDrain(runs)).pipe(Effect.andThen(waits), Effect.provide(client(script)))
      assert.deepStrictEqual(list, [0, 0, 3000])
      const download = Retry.withPolicy(downloadFile(fileId), Retry.none)
      const sent = yield* failure(Stream.runDrain(download)).pipe(
        Effect.andThen(waits),
        Effect.provide(client([{ status: 500 }]))
      )
      assert.lengthOf(sent, 1)
    })
  )

  it.effect("replaces the polling schedule of a watch", () =>
    Effect.gen(function* () {
      const script = ["queued", "in_progress", "completed"].map((status) => ({ body: WireBuilder.run({ status }) }))
      const watched = [
        watchRun(evalId, runId).pipe(Polling.withPolicy(Schedule.spaced("7 seconds"))),
        Polling.withPolicy(watchRun(evalId, runId), { policy: Schedule.spaced("7 seconds") })
      ]
      for (const runs of watched) {
        const sent = yield* elapse(Stream.runDrain(runs)).pipe(Effect.andThen(waits), Effect.provide(client(script)))
        assert.deepStrictEqual(sent, [0, 7000, 14_000])
      }
    })
  )
})
