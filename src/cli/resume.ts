/**
 * `effect-evals resume`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import { operationsOf, resumedBy } from "../engine/Engine.ts"
import { isActive } from "../engine/runs/Lifecycle.ts"
import { EvalsClient } from "../EvalsClient.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import * as Runs from "../store/Runs.ts"
import type { Input } from "./commands/resume.ts"
import { databasePath } from "./databasePath.ts"
import { layerResuming } from "./engineInFile.ts"
import * as ModelsInUse from "./models.ts"
import { followRun } from "./followRun.ts"
import { runIdOf } from "./idKind.ts"
import { clientOfEngine, unusable } from "./targetInFile.ts"
import { quotedFlags } from "./quotedFlags.ts"
import { couldNotRun, type Stop, unfinished } from "./Stop.ts"
import { count, quantity } from "../report/format.ts"
import { plain } from "../report/plainText.ts"

const line = ({ id, result_counts: { errored, failed, passed }, status }: Run.Run): string =>
  `${id}  ${status}: ${count(passed)} passed, ${count(failed)} failed, ${count(errored)} errored`

// a named run that is not executed: it has ended, or it was saved from another host
const notExecuted = (filename: string, id: string, run: Runs.StoredRun | undefined) =>
  run === undefined
    ? Effect.fail(couldNotRun(`${filename} holds no run ${id}.`))
    : isActive(run.status)
      ? Effect.fail(couldNotRun(`${id} was saved while it was ${run.status}: it keeps this status here.`))
      : Console.log(`${id} has already ended: it is ${run.status}`)

/** Fails if a run failed, or else if a run was canceled. */
const conclude = (ended: ReadonlyArray<Run.Run>): Effect.Effect<void, Stop> => {
  const failed = ended.filter(({ status }) => status === "failed")
  const canceled = ended.filter(({ status }) => status === "canceled")
  const reasons = failed.map(({ error, id }) => `${id} failed: ${plain(error?.message ?? "no reason was given")}`)
  return failed.length > 0
    ? Effect.fail(couldNotRun(reasons.join("\n")))
    : canceled.length > 0
      ? Effect.fail(unfinished(`${quantity(canceled.length, "run")} of ${count(ended.length)} canceled meanwhile`))
      : Effect.void
}

const resume = Effect.fnUntraced(function* (filename: string, flags: string, runId: string | undefined) {
  const jobs = yield* resumedBy
  const { caller } = yield* operationsOf
  const { project } = yield* caller(undefined)
  const sql = yield* SqlClient.SqlClient
  const stored = (id: string) => Effect.provideService(Runs.findById(project, id), SqlClient.SqlClient, sql)
  yield* Console.error(`database ${filename}`)
  const runs = yield* Effect.forEach(jobs, (job) => stored(job.runId), { concurrency: 1 })
  const active = runs.flatMap((run) => (run !== undefined && isActive(run.status) ? [run] : []))
  if (active.length === 0) {
    return yield* runId === undefined
      ? Console.log("no run is unfinished")
      : Effect.flatMap(stored(runId), (run) => notExecuted(filename, runId, run))
  }
  // the runs are executed concurrently, and followed one after another
  const ended = yield* Effect.forEach(
    active,
    ({ evalId, id }) =>
      Effect.gen(function* () {
        yield* Console.error(`run      ${id}`)
        const run = yield* followRun(EvalId.make(evalId), RunId.make(id), undefined)
        yield* Console.log(line(run))
        return run
      }),
    { concurrency: 1 }
  ).pipe(
    Effect.onInterrupt(() =>
      Console.error(`interrupted; judged rows are kept: effect-evals resume${flags} executes the rest`)
    )
  )
  yield* conclude(ended)
})

/** Executes the unfinished runs of a file. */
export const handler = (input: Input) =>
  Effect.gen(function* () {
    const filename = yield* databasePath(input.db, "cancel")
    const runId = Option.isSome(input.runId) ? yield* runIdOf(input.runId.value, "") : undefined
    const flags = quotedFlags({ ...input, baseUrl: Option.none() })
    const project = Option.getOrUndefined(input.project)
    const models = yield* ModelsInUse.open({ file: input.models, asks: true })
    yield* ModelsInUse.announce(models)
    yield* resume(filename, flags, runId).pipe(
      Effect.provideServiceEffect(EvalsClient, clientOfEngine),
      Effect.provide(layerResuming({ filename, project, cache: input.cache }, runId)),
      ModelsInUse.provide(models),
      Effect.mapError(unusable(filename))
    )
  }).pipe(Effect.scoped)
