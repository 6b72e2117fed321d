/** What a page does with effect-evals. It is bundled, and run by Chromium. */
import { Cause, Console, Effect, Redacted, Schedule, Stream } from "effect"
import { FetchHttpClient } from "effect/http"
import {
  awaitRun,
  createRun,
  downloadFile,
  EvalId,
  EvalsClient,
  listRuns,
  retrieveRun,
  RunId,
  Upload,
  uploadFile
} from "effect-evals"

const evalId = EvalId.make("eval_1")

const program = Effect.gen(function* () {
  const runs = yield* Stream.runCollect(listRuns(evalId, { limit: 2 }))
  yield* Console.log("runs", runs.map((run) => run.id).join(" "))

  const rows = new Blob(['{"item":{"label":"Hardware"}}\n', '{"item":{"label":"☃"}}\n'], { type: "application/jsonl" })
  const file = yield* uploadFile({ file: Upload.fromBlob(rows, { filename: "rows.jsonl" }), purpose: "evals" })
  yield* Console.log("file", file.id, file.filename, file.bytes)

  const text = yield* downloadFile(file.id).pipe(Stream.decodeText, Stream.mkString)
  yield* Console.log("text", JSON.stringify(text))

  const run = yield* createRun(evalId, {
    data_source: { type: "jsonl", source: { type: "file_id", id: file.id } }
  })
  yield* Console.log("run", run.status)
  const completed = yield* awaitRun(evalId, run.id, { schedule: Schedule.spaced("5 millis") })
  yield* Console.log("run", completed.status, completed.result_counts.passed)

  const error = yield* Effect.flip(retrieveRun(evalId, RunId.make("evalrun_none")))
  yield* Console.log("error", error.reason._tag, error.status)

  const slow = yield* Effect.flip(
    retrieveRun(evalId, RunId.make("evalrun_slow"), { timeout: "50 millis", retry: false })
  )
  yield* Console.log("error", slow.reason._tag)

  const broken = yield* Effect.flip(retrieveRun(evalId, RunId.make("evalrun_broken")))
  yield* Console.log("error", broken.reason._tag, broken.reason._tag === "DecodeError" ? broken.reason.path : "")
})

const client = EvalsClient.layer({ baseUrl: new URL("/v1", import.meta.url).href, apiKey: Redacted.make("sk-page") })

void Effect.runPromise(
  program.pipe(
    Effect.provide(client),
    Effect.provide(FetchHttpClient.layer),
    Effect.catchCause((cause) => Console.log("failed", Cause.pretty(cause))),
    Effect.andThen(Console.log("end"))
  )
)
