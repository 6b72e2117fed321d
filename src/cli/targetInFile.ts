/**
 * A file of this machine as the target of a command.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as EngineClient from "../inProcess/client.ts"
import { operationsOf } from "../engine/Engine.ts"
import type { ProjectError } from "../engine/project.ts"
import { retrieveEval } from "../Evals.ts"
import * as EvalsClient from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { definitionText } from "../schema/definitionText.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import * as Server from "../server/Server.ts"
import * as Evals from "../store/Evals.ts"
import * as OutputItems from "../store/OutputItems.ts"
import * as Runs from "../store/Runs.ts"
import { databasePath } from "./databasePath.ts"
import * as EngineInFile from "./engineInFile.ts"
import { stalledReason } from "./stalledRun.ts"
import type { Given, Mode, Work } from "./target.ts"
import { quotedFlags } from "./quotedFlags.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

// requests within the process need no limits
const limit = 2 ** 52
const patience = Duration.days(7)

/** Makes a client of the engine of the context. */
export const clientOfEngine = Effect.map(Server.make({ limits: { file: limit, rows: limit, body: limit } }), (app) =>
  EngineClient.make(app, { timeout: patience })
)

/** An error of the file or of a request to its engine. */
export type EngineError = EngineInFile.FileError | EvalsError

const projectProblem = (filename: string, { known, name }: ProjectError): string => {
  const names = known.join(", ")
  if (name === undefined) return `${filename} holds several projects (${names}): name one with --project.`
  return `${filename} holds no project ${name}, but ${known.length === 0 ? "none at all" : names}.`
}

const layers = {
  execute: EngineInFile.layerExecuting,
  retry: EngineInFile.layerRetrying,
  cancel: EngineInFile.layerCanceling,
  read: EngineInFile.layerReading
}

/** Converts an error of a file. */
export const unusable =
  (filename: string) =>
  (error: EngineError): Stop => {
    switch (error._tag) {
      case "Stop":
        return error
      case "ProjectError":
        return couldNotRun(projectProblem(filename, error))
      case "MigrationError":
      case "SqlError":
        return couldNotRun(`${filename}: ${error.message}`)
      case "EvalsError":
        // status, request id and advice are for hosts
        return couldNotRun(error.reason.detail)
      default:
        return couldNotRun(error.message)
    }
  }

/** Does the work with a file of this machine. */
export const work = Effect.fnUntraced(function* (given: Given, mode: Mode, work: Work) {
  const filename = yield* databasePath(given.db, mode)
  const works = Effect.gen(function* () {
    const engine = yield* operationsOf
    const sql = yield* SqlClient.SqlClient
    const { project } = yield* engine.caller(undefined)
    const found = <A extends object, B>(
      lookup: Effect.Effect<A | undefined, SqlError, SqlClient.SqlClient>,
      what: string,
      of: (one: A) => B
    ): Effect.Effect<B, Stop> =>
      Effect.provideService(lookup, SqlClient.SqlClient, sql).pipe(
        Effect.mapError(unusable(filename)),
        Effect.flatMap((one) =>
          one === undefined ? Effect.fail(couldNotRun(`${filename} holds no ${what}.`)) : Effect.succeed(of(one))
        )
      )
    return yield* work({
      database: filename,
      flags: quotedFlags(given),
      explain: unusable(filename),
      evalFrom: (params) =>
        Evals.findByDefinition(project, definitionText(params)).pipe(
          Effect.provideService(SqlClient.SqlClient, sql),
          // the command then creates an eval, which fails for the same reason
          Effect.orElseSucceed(() => undefined),
          Effect.flatMap((id) => (id === undefined ? Effect.succeed(undefined) : retrieveEval(EvalId.make(id))))
        ),
      evalOf: (runId) => found(Runs.findById(project, runId), `run ${runId}`, (run) => EvalId.make(run.evalId)),
      runOf: (itemId) =>
        Effect.provideService(OutputItems.runsOf(project, itemId), SqlClient.SqlClient, sql).pipe(
          Effect.mapError(unusable(filename)),
          Effect.flatMap(([one, ...others]) => {
            if (one === undefined) return Effect.fail(couldNotRun(`${filename} holds no output item ${itemId}.`))
            if (others.length === 0) return Effect.succeed([EvalId.make(one.evalId), RunId.make(one.runId)] as const)
            const runs = [one, ...others].map(({ runId }) => runId).join(", ")
            return Effect.fail(couldNotRun(`Several runs have an item ${itemId}: name one with --run (${runs}).`))
          })
        ),
      stalled: (runId) =>
        Effect.provideService(stalledReason(filename, quotedFlags(given), project, runId), SqlClient.SqlClient, sql)
    })
  }).pipe(
    Effect.provideServiceEffect(EvalsClient.EvalsClient, clientOfEngine),
    Effect.provide(layers[mode]({ filename, project: Option.getOrUndefined(given.project), cache: given.cache }))
  )
  yield* Effect.mapError(works, unusable(filename))
})
