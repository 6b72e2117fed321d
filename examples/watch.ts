/**
 * Progress of a run: `watchRun` is the Stream of its changes. It ends with the run.
 */
import { NodeRuntime } from "@effect/platform-node"
import { Console, Effect, Schedule, Stream } from "effect"
import { createEval, createRun, Run, watchRun } from "effect-evals"
import * as Host from "./support/host.ts"
import { progressLine, show } from "./support/terminal.ts"
import { dataSource, definition, rows } from "./support/tickets.ts"

const program = Effect.gen(function* () {
  const { id: evalId } = yield* createEval(definition)
  const { id: runId } = yield* createRun(evalId, { data_source: dataSource([...rows, ...rows]) })

  const last = yield* watchRun(evalId, runId, { schedule: Schedule.spaced("150 millis") }).pipe(
    Stream.tap((run) => show(progressLine(run, 2 * rows.length), Run.isTerminal(run.status))),
    Stream.runLast
  )
  yield* Console.log(last._tag === "Some" ? `ended: ${last.value.status}` : "the run was never seen")
})

program.pipe(Effect.provide(Host.layer), NodeRuntime.runMain)
