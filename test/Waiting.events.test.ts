/** A client whose host tells the changes of runs by itself, and what it does where they do not come through. */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Schedule, Scope, Stream } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { awaitRun, EvalsClient, type Run, watchRun } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { longestSilence, ofRun } from "../src/internal/events.ts"
import { client, elapse, evalId, runId, turns } from "./support.ts"

describe("a client that was told of events", () => {
  const run = (total: number, status = "in_progress"): Run.Run =>
    WireBuilder.run({ status, result_counts: { total, errored: 0, failed: 0, passed: total } })
  const event = (one: Run.Run) => `event: run\ndata: ${JSON.stringify(one)}\n\n`
  const path = "/v1/evals/eval_1/runs/evalrun_1"
  const announced = { "evals-run-events": "text/event-stream" }
  const stream = (...runs: ReadonlyArray<Run.Run>): ScriptedHttp.Answer => ({
    headers: { "content-type": "text/event-stream" },
    body: `:\n\n${runs.map(event).join("")}`
  })
  const scripted = (script: ScriptedHttp.Script) => client(script, { retry: false })
  const watched = Effect.map(
    elapse(Stream.runCollect(watchRun(evalId, runId, { schedule: Schedule.spaced("10 seconds") }))),
    (seen) => seen.map((one) => [one.status, one.result_counts.total])
  )
  const requests = Effect.map(ScriptedHttp.requests, (sent) => sent.map((one) => [one.path, one.time]))

  it.effect("listens to them to the run's end", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* watched, [
        ["in_progress", 0],
        ["in_progress", 5],
        ["completed", 9]
      ])
      assert.deepStrictEqual(yield* requests, [
        [path, 0],
        [`${path}/events`, 0]
      ])
    }).pipe(
      Effect.provide(
        scripted([{ headers: announced, body: run(0) }, stream(run(0), run(5), run(5), run(9, "completed"))])
      )
    )
  )

  it.effect("asks again where they break off, and listens again where they are still told", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* watched, [
        ["in_progress", 0],
        ["in_progress", 2],
        ["in_progress", 3],
        ["completed", 9]
      ])
      assert.deepStrictEqual(yield* requests, [
        [path, 0],
        [`${path}/events`, 0],
        [path, 10_000],
        [`${path}/events`, 10_000]
      ])
    }).pipe(
      Effect.provide(
        scripted([
          { headers: announced, body: run(0) },
          stream(run(2)),
          { headers: announced, body: run(3) },
          stream(run(3), run(9, "completed"))
        ])
      )
    )
  )

  const failing: ReadonlyArray<readonly [what: string, reply: ScriptedHttp.Reply]> = [
    ["cannot be reached", { failure: "ECONNRESET" }],
    ["are answered with an error that passes", { status: 503, body: "<html>" }],
    ["are what no run is", { headers: { "content-type": "text/event-stream" }, body: "event: run\ndata: {}\n\n" }],
    ...[400, 401, 403, 404, 405].map((status) => [`are refused with ${status}`, { status }] as const)
  ]
  for (const [what, broken] of failing) {
    it.effect(`polls from then on where they ${what}, whatever is told`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* watched, [
          ["in_progress", 0],
          ["in_progress", 4],
          ["completed", 9]
        ])
        assert.deepStrictEqual(yield* requests, [
          [path, 0],
          [`${path}/events`, 0],
          [path, 10_000],
          [path, 20_000]
        ])
      }).pipe(
        Effect.provide(
          scripted([
            { headers: announced, body: run(0) },
            broken,
            { headers: announced, body: run(4) },
            { headers: announced, body: run(9, "completed") }
          ])
        )
      )
    )
  }

  it.effect("keeps nothing of a stream that has ended, however many there were", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const host = yield* EvalsClient.EvalsClient
      for (let times = 0; times < 3; times++) {
        const events = yield* Scope.provide(ofRun(host, evalId, runId, undefined), scope)
        while ((yield* events) !== undefined) assert.strictEqual(scope.state._tag, "Open")
        assert.strictEqual(scope.state._tag === "Open" ? scope.state.finalizers?.size : 0, 0)
      }
    }).pipe(Effect.provide(scripted([stream(run(1))])))
  )

  it.effect("waits as long as it is asked to where their host has no time for them", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* watched).at(-1)?.[0], "completed")
      assert.deepStrictEqual(yield* requests, [
        [path, 0],
        [`${path}/events`, 0],
        [path, 70_000]
      ])
    }).pipe(
      Effect.provide(
        scripted([
          { headers: announced, body: run(0) },
          { status: 429, headers: { "retry-after": "60" } },
          { headers: announced, body: run(9, "completed") }
        ])
      )
    )
  )

  it.effect("awaits a run whose events alone are refused", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* elapse(awaitRun(evalId, runId))).result_counts.total, 9)
    }).pipe(
      Effect.provide(
        client(({ path: asked }, index) =>
          asked === path
            ? { headers: announced, body: run(index, index < 9 ? "in_progress" : "completed") }
            : { status: 403 }
        )
      )
    )
  )

  it.effect("is told when the run is gone", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(watched)
      assert.strictEqual(error.reason._tag, "NotFoundError")
      assert.deepStrictEqual(yield* requests, [
        [path, 0],
        [`${path}/events`, 0],
        [path, 10_000]
      ])
    }).pipe(
      Effect.provide(
        scripted([
          { headers: announced, body: run(0) },
          stream(run(1)),
          { status: 404, body: WireBuilder.error({ message: "There is no run." }) }
        ])
      )
    )
  )
})

describe("events that go silent", () => {
  const second = Duration.seconds(1)
  const encoder = new TextEncoder()
  const run = (status: string): Run.Run => WireBuilder.run({ status })

  /** A host whose stream of events never ends: it tells once, and then writes so many comments. */
  const host = (comments: number) => {
    const asked: Array<string> = []
    let open = 0
    const told = Stream.concat(
      Stream.make(`event: run\ndata: ${JSON.stringify(run("in_progress"))}\n\n`),
      Stream.fromSchedule(Schedule.spaced("15 seconds")).pipe(
        Stream.take(comments),
        Stream.map(() => ":\n\n"),
        Stream.concat(Stream.never)
      )
    ).pipe(
      Stream.map((text) => encoder.encode(text)),
      (stream) =>
        Stream.unwrap(
          Effect.as(
            Effect.acquireRelease(
              Effect.sync(() => {
                open++
              }),
              () =>
                Effect.sync(() => {
                  open--
                })
            ),
            stream
          )
        )
    )
    const answer = HttpClient.make((request, url) =>
      Effect.sync(() => {
        const events = url.pathname.endsWith("/events")
        asked.push(events ? "events" : "run")
        return HttpServerResponse.toClientResponse(
          events
            ? HttpServerResponse.stream(told, { contentType: "text/event-stream" })
            : HttpServerResponse.text(JSON.stringify(run("queued")), {
                headers: { "evals-run-events": "text/event-stream", "content-type": "application/json" }
              }),
          { request }
        )
      })
    )
    return {
      asked,
      open: () => open,
      layer: EvalsClient.layer({ baseUrl: "http://host/v1" }).pipe(
        Layer.provide(Layer.succeed(HttpClient.HttpClient, answer))
      )
    }
  }

  const watching = ({ layer }: ReturnType<typeof host>) =>
    Effect.gen(function* () {
      const fiber = yield* watchRun(evalId, runId, { schedule: Schedule.spaced("10 seconds") }).pipe(
        Stream.runDrain,
        Effect.provide(layer),
        Effect.forkChild
      )
      yield* turns
      return fiber
    })

  it.effect("are let go after 45 s, and the run is polled", () =>
    Effect.gen(function* () {
      assert.strictEqual(Duration.toSeconds(longestSilence), 45)
      const quiet = host(0)
      const fiber = yield* watching(quiet)
      yield* TestClock.adjust(Duration.subtract(longestSilence, second))
      assert.deepStrictEqual([quiet.asked, quiet.open()], [["run", "events"], 1])
      yield* TestClock.adjust(second)
      // the connection is not kept for as long as the watch goes on
      assert.strictEqual(quiet.open(), 0)
      yield* TestClock.adjust("10 seconds")
      assert.deepStrictEqual(quiet.asked, ["run", "events", "run"])
      yield* TestClock.adjust("10 minutes")
      assert.deepStrictEqual(
        quiet.asked.slice(3),
        Array.from({ length: 60 }, () => "run")
      )
      yield* Fiber.interrupt(fiber)
    })
  )

  it.effect("are listened to for as long as a comment comes now and then", () =>
    Effect.gen(function* () {
      const alive = host(1000)
      const fiber = yield* watching(alive)
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual([alive.asked, alive.open()], [["run", "events"], 1])
      yield* Fiber.interrupt(fiber)
      assert.strictEqual(alive.open(), 0)
    })
  )
})
