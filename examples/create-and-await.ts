/**
 * The main job: an eval, a run of it over rows, the wait for its end, and what came
 * of it. It runs against a stand-in host on loopback;
 * OPENAI_BASE_URL (with OPENAI_API_KEY, where it asks for one) names another.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Config, Console, Effect, Layer, Option, Stream } from "effect"
import { awaitRun, createEval, createRun, EvalsClient, Polling, Run, watchRun } from "effect-evals"
import { FetchHttpClient } from "effect/http"
import * as Host from "./support/host.ts"
import { bar, percent, progressLine, show } from "./support/terminal.ts"
import { dataSource, definition, rows } from "./support/tickets.ts"

const program = Effect.gen(function* () {
  const evaluation = yield* createEval(definition)
  yield* Console.log(`eval  ${evaluation.id}  ${evaluation.name}`)

  const run = yield* createRun(evaluation.id, { name: "small classifier", data_source: dataSource(rows) })
  yield* Console.log(`run   ${run.id}  ${rows.length} rows\n`)

  // the run at each change, until it has ended
  yield* watchRun(run, { schedule: Polling.growing({ base: "100 millis" }) }).pipe(
    Stream.runForEach((run) => show(progressLine(run, rows.length), Run.isTerminal(run.status)))
  )
  // at once, since the run has ended; one that failed or was canceled is an error here
  const completed = yield* awaitRun(run)

  const { errored, failed, passed, total } = completed.result_counts
  yield* Console.log(`\n${total} items: ${passed} passed, ${failed} failed, ${errored} errored\n`)
  for (const { failed, passed, testing_criteria } of completed.per_testing_criteria_results ?? []) {
    // the id of a criterion is its name and a UUID
    const name = testing_criteria.replace(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "")
    const rate = passed + failed === 0 ? 0 : passed / (passed + failed)
    yield* Console.log(`${name.padEnd(18)} ${bar(rate)} ${percent(rate).padStart(7)}`)
  }
  yield* Console.log(`\n${completed.report_url ?? ""}`)
})

// A key alone does not choose the hosted service: it takes no new evals.
const layer = Layer.unwrap(
  Effect.map(Config.option(Config.NonEmptyString("OPENAI_BASE_URL")), (baseUrl) =>
    Option.isSome(baseUrl) ? EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer)) : Host.layer
  )
)

program.pipe(Effect.provide(layer), NodeRuntime.runMain)
