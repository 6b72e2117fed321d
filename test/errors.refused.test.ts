/** A user's own `HttpClient` that refuses statuses, as many applications have it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { HttpClient } from "effect/http"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  deleteEval,
  deleteFile,
  deleteRun,
  downloadFile,
  EvalsClient,
  type EvalsError,
  listEvals,
  listEvalsPage,
  listFilesPage,
  listOutputItemsPage,
  listRunsPage,
  type Requests,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  runGrader,
  updateEval,
  Upload,
  uploadFile,
  validateGrader
} from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import {
  client,
  elapse,
  evalId,
  failure,
  fileId,
  itemId,
  lines,
  runId,
  runParams,
  times,
  withChance
} from "./support.ts"

type Call = Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>

const grader = { type: "string_check", name: "n", input: "a", reference: "a", operation: "eq" } as const

const operations: { readonly [Name in keyof Requests]: Call } = {
  createEval: createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" } },
    testing_criteria: []
  }),
  retrieveEval: retrieveEval(evalId),
  updateEval: updateEval(evalId, { name: "x" }),
  deleteEval: deleteEval(evalId),
  listEvalsPage: listEvalsPage(),
  createRun: createRun(evalId, runParams),
  retrieveRun: retrieveRun(evalId, runId),
  cancelRun: cancelRun(evalId, runId),
  deleteRun: deleteRun(evalId, runId),
  listRunsPage: listRunsPage(evalId),
  retrieveOutputItem: retrieveOutputItem(evalId, runId, itemId),
  listOutputItemsPage: listOutputItemsPage(evalId, runId),
  uploadFile: uploadFile({ file: Upload.fromRows([{ item: { a: 1 } }]), purpose: "evals" }),
  retrieveFile: retrieveFile(fileId),
  deleteFile: deleteFile(fileId),
  listFilesPage: listFilesPage(),
  downloadFile: Stream.runDrain(downloadFile(fileId)),
  runGrader: runGrader({ grader, model_sample: "a" }),
  validateGrader: validateGrader({ grader })
}

/** A host that answers by a script, behind an `HttpClient` of the application that refuses statuses. */
const behind = (script: ScriptedHttp.Script, refusing = HttpClient.filterStatusOk) =>
  EvalsClient.layer({ baseUrl: "http://host/v1" }).pipe(
    Layer.provide(Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, refusing))),
    Layer.provideMerge(ScriptedHttp.layer(script))
  )

const missing: ScriptedHttp.Answer = {
  status: 404,
  headers: { "x-request-id": "req_7" },
  body: WireBuilder.error({ message: "there is none", code: "missing" })
}

describe.each(Object.entries(operations))("%s", (_, call) => {
  const layers = [
    ["in the context", behind([missing])],
    ["as transformClient", client([missing], { transformClient: HttpClient.filterStatusOk })]
  ] as const
  it.effect.each(layers)("is a NotFoundError after a 404 that a client %s refuses", ([, layer]) =>
    Effect.gen(function* () {
      const caught = yield* elapse(
        call.pipe(
          Effect.as(undefined),
          Effect.catchReason("EvalsError", "NotFoundError", (reason) => Effect.succeed(reason))
        )
      )
      assert.strictEqual(caught?.code, "missing")
      assert.strictEqual(caught?.requestId, "req_7")
      assert.include(caught?.message ?? "", "404 there is none")
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(layer))
  )
})

describe("a client that refuses statuses", () => {
  it.effect("leaves retries as they are, and the wait that a 429 asks for", () =>
    Effect.gen(function* () {
      yield* elapse(retrieveEval(evalId))
      assert.deepStrictEqual(yield* times, [0, 500, 60_500])
    }).pipe(
      withChance(0),
      Effect.provide(
        behind([{ status: 503 }, { status: 429, headers: { "retry-after": "60" } }, { body: WireBuilder.evaluation() }])
      )
    )
  )

  it.effect("leaves a creation unrepeated after a 500", () =>
    Effect.gen(function* () {
      const error = yield* failure(createRun(evalId, runParams))
      assert.strictEqual(error.reason._tag, "ServerError")
      assert.lengthOf(yield* times, 1)
    }).pipe(Effect.provide(behind([{ status: 500 }])))
  )

  it.effect("may refuse a success too: what the host created is still read", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* elapse(createRun(evalId, runParams))).id, "evalrun_1")
    }).pipe(
      Effect.provide(
        behind(
          [{ status: 201, body: WireBuilder.run() }],
          HttpClient.filterStatus((status) => status === 200)
        )
      )
    )
  )

  it.effect("ends a list with the error of its page", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* failure(Stream.runDrain(listEvals()))).reason._tag, "PermissionDeniedError")
    }).pipe(Effect.provide(behind([{ status: 403 }])))
  )

  it.effect("lets a wait poll where the events of a run are refused", () =>
    Effect.gen(function* () {
      const run = yield* elapse(awaitRun(evalId, runId))
      assert.strictEqual(run.status, "completed")
      assert.deepStrictEqual(yield* lines, [
        "GET /v1/evals/eval_1/runs/evalrun_1",
        "GET /v1/evals/eval_1/runs/evalrun_1/events",
        "GET /v1/evals/eval_1/runs/evalrun_1"
      ])
    }).pipe(
      Effect.provide(
        behind([
          { headers: { "evals-run-events": "text/event-stream" }, body: WireBuilder.run({ status: "queued" }) },
          { status: 404 },
          { body: WireBuilder.run({ status: "completed" }) }
        ])
      )
    )
  )
})
