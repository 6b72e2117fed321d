/**
 * Testing a program that uses the client, without a network: `EvalsClientTest.layer`
 * answers operations with functions, `ScriptedHttp.layer` answers requests from a
 * script. Both are layers, so any test runner will do; this file uses none.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Fiber } from "effect"
import { awaitRun, createRun, EvalId, EvalsClient, RunId } from "effect-evals"
import { EvalsClientTest, ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { TestClock } from "effect/testing"
import assert from "node:assert/strict"

// The program under test: a gate that a release has to pass.
const gate = Effect.fn("gate")(function* (evalId: EvalId, release: string) {
  const { id } = yield* createRun(evalId, {
    name: release,
    data_source: { type: "jsonl", source: { type: "file_id", id: "file-rows" } }
  })
  const { passed, total } = (yield* awaitRun(evalId, id)).result_counts
  return passed / total >= 0.9 ? "open" : "closed"
})

const evalId = EvalId.make("eval_tickets")
const runId = RunId.make("evalrun_7")
const counts = (passed: number, failed: number) => ({ total: passed + failed, errored: 0, passed, failed })

/*
 * With @effect/vitest it reads:
 *
 *   import { assert, it } from "@effect/vitest"
 *
 *   it.effect("closes the gate below 90 %", () =>
 *     Effect.gen(function* () {
 *       assert.strictEqual(yield* gate(evalId, "release 7"), "closed")
 *     }).pipe(Effect.provide(EvalsClientTest.layer({ createRun: …, retrieveRun: … })))
 *   )
 */
const closesBelow90 = Effect.gen(function* () {
  assert.equal(yield* gate(evalId, "release 7"), "closed")
}).pipe(
  Effect.provide(
    EvalsClientTest.layer({
      createRun: (eval_id, { name = null }) => Effect.succeed(WireBuilder.run({ id: runId, eval_id, name })),
      retrieveRun: (eval_id, id) =>
        Effect.succeed(WireBuilder.run({ id, eval_id, status: "completed", result_counts: counts(17, 3) }))
    })
  )
)

// The same program over HTTP: what is sent, and what happens when the host has a bad moment.
const outlivesABadMoment = Effect.gen(function* () {
  const waiting = yield* Effect.forkChild(gate(evalId, "release 8"))
  // waits pass at once: the test moves the clock (`it.effect` brings this clock along)
  yield* TestClock.adjust("1 minute")
  assert.equal(yield* Fiber.join(waiting), "open")

  const requests = yield* ScriptedHttp.requests
  assert.deepEqual(
    requests.map((request) => `${request.method} ${request.path}`),
    [
      "POST /v1/evals/eval_tickets/runs",
      "GET /v1/evals/eval_tickets/runs/evalrun_7",
      "GET /v1/evals/eval_tickets/runs/evalrun_7"
    ]
  )
}).pipe(
  Effect.provide(EvalsClient.layer({ baseUrl: "http://host/v1" })),
  Effect.provide(
    ScriptedHttp.layer([
      { status: 201, body: WireBuilder.run({ id: runId, eval_id: evalId }) },
      { status: 503, body: "upstream is restarting" },
      { body: WireBuilder.run({ id: runId, eval_id: evalId, status: "completed", result_counts: counts(20, 0) }) }
    ])
  ),
  Effect.provide(TestClock.layer())
)

Effect.gen(function* () {
  yield* closesBelow90
  yield* Console.log("ok  closes the gate below 90 %")
  yield* outlivesABadMoment
  yield* Console.log("ok  outlives a host with a bad moment")
}).pipe(NodeRuntime.runMain)
