/**
 * Where a command finds evals and runs: in a file of this machine, or at a host.
 */
import * as Flag from "effect/cli/Flag"
import type * as Command from "effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as UserDirectories from "effect/persistence/UserDirectories"
import type { MigrationError } from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as EngineClient from "../embedded/client.ts"
import { EvalsEngine } from "../engine/EvalsEngine.ts"
import type { Rejection } from "../engine/Rejection.ts"
import * as EvalsClient from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { EvalId, type OutputItemId, RunId } from "../schema/Ids.ts"
import * as Server from "../server/Server.ts"
import * as OutputItems from "../store/OutputItems.ts"
import * as Runs from "../store/Runs.ts"
import type { DatabaseError } from "../store/Sqlite.ts"
import * as Attached from "./attached.ts"
import { evalOfRun } from "./find.ts"
import * as Host from "./host.ts"
import { idle } from "./idle.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** The flags that name a place. */
export const flags = {
  db: Flag.File("db").pipe(
    Flag.withDescription("The file of the engine and of archives (default evals.db in your data folder)"),
    Flag.optional
  ),
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("The address of a host that speaks the API instead, with the key in OPENAI_API_KEY"),
    Flag.optional
  ),
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The project, where the file holds several or the key has access to several"),
    Flag.optional
  )
}

/** What the flags said. */
export type Given = Command.Command.Config.Infer<typeof flags>

/** Where a command works. */
export interface Place {
  /** The file, where it is one. */
  readonly database: string | undefined
  /** The flags that lead another command to the same place, each with a blank before it. */
  readonly flags: string
  /** Why something did not work there. */
  readonly explain: (error: EvalsError) => Stop
  /** The eval of a run, by the run's id alone. */
  readonly evalOf: (runId: RunId) => Effect.Effect<EvalId, Stop | EvalsError>
  /** The run of an output item and its eval, by the item's id alone. */
  readonly runOf: (itemId: OutputItemId) => Effect.Effect<readonly [EvalId, RunId], Stop>
  /** Why a run that has not ended stands still, where nobody works on it and that is known. */
  readonly idle: (runId: RunId) => Effect.Effect<string | undefined>
}

const quoted = (text: string): string =>
  /^[\w@%+=:,./~\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const quotedFlags = (given: Given): string =>
  [
    ["--db", given.db],
    ["--base-url", given.baseUrl],
    ["--project", given.project]
  ]
    .flatMap(([name, value]) =>
      typeof value === "object" && Option.isSome(value) ? [` ${String(name)} ${quoted(value.value)}`] : []
    )
    .join("")

/** The file that is meant; its folder is made where it is the default and is to be written. */
export const databaseOf = (
  db: Option.Option<string>,
  mode: Attached.Mode
): Effect.Effect<string, Stop, FileSystem.FileSystem | Path.Path> =>
  Option.isSome(db)
    ? Effect.succeed(db.value)
    : Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const folder = yield* UserDirectories.make().data("effect-evals")
        if (mode === "execute") {
          yield* Effect.mapError(fs.makeDirectory(folder, { recursive: true }), (error) =>
            couldNotRun(
              `The folder of the default file cannot be made, ${folder} (${error.reason._tag}): name a file with --db.`
            )
          )
        }
        return path.join(folder, "evals.db")
      }).pipe(
        Effect.catchTag("PlatformError", (error) =>
          Effect.fail(couldNotRun(`There is no place for the default file: ${error.message}\nName one with --db.`))
        )
      )

// in one's own process nothing is too large, and nothing can be lost on the way
const limit = 2 ** 52
const patience = Duration.days(7)

const clientOfEngine = Effect.map(Server.make({ limits: { file: limit, rows: limit, body: limit } }), (app) =>
  EngineClient.make(app, { timeout: patience })
)

/** What can keep an engine from its file, or from what it is asked. */
export type EngineError = DatabaseError | MigrationError | SqlError | Rejection | EvalsError | Stop

/** What is said of an answer that is not what the API promises, without advice for who has a wrong address. */
export const withoutAdvice = (message: string): string =>
  message.replace(/ \[request [^\]]*\]$/, "").replace(/\. Check that baseUrl is the address of an Evals API$/, "")

// a file has no key, and its requests no number: what is said of a host's answers is left out
const withoutHost = (message: string): string =>
  withoutAdvice(message)
    .replace(/ \((?:check the id|the key may not|the host failed)[^()]*\)$/, "")
    .replace(/^\d{3} /, "")

/** Why a command cannot work with a file. */
export const unusable =
  (filename: string) =>
  (error: EngineError): Stop => {
    switch (error._tag) {
      case "Stop":
        return error
      case "MigrationError":
      case "SqlError":
        return couldNotRun(`${filename}: ${error.message}`)
      case "EvalsError":
        return couldNotRun(withoutHost(error.reason.message))
      default:
        return couldNotRun(error.message)
    }
  }

/** What a command does at a place. */
export type Work = (
  place: Place
) => Effect.Effect<void, Stop | EvalsError, EvalsClient.EvalsClient | Command.Environment>

const inFile = Effect.fnUntraced(function* (given: Given, mode: Attached.Mode, work: Work) {
  const filename = yield* databaseOf(given.db, mode)
  const works = Effect.gen(function* () {
    const engine = yield* EvalsEngine
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
      evalOf: (runId) => found(Runs.findById(project, runId), `run ${runId}`, (run) => EvalId.make(run.evalId)),
      runOf: (itemId) =>
        found(OutputItems.runOf(project, itemId), `output item ${itemId}`, ({ evalId, runId }) => [
          EvalId.make(evalId),
          RunId.make(runId)
        ]),
      idle: (runId) =>
        Effect.provideService(idle(filename, quotedFlags(given), project, runId), SqlClient.SqlClient, sql)
    })
  }).pipe(
    Effect.provideServiceEffect(EvalsClient.EvalsClient, clientOfEngine),
    Effect.provide(Attached.layer({ filename, project: Option.getOrUndefined(given.project), mode }))
  )
  yield* Effect.mapError(works, unusable(filename))
})

const explainedBy =
  (origin: string) =>
  (error: EvalsError): Stop => {
    const advice = Host.advice(error, origin)
    return couldNotRun(advice === undefined ? error.message : `${error.message}\n${advice}.`)
  }

const atHost = Effect.fnUntraced(function* (given: Given, baseUrl: string, work: Work) {
  const host = yield* Host.fromEnvironment({ baseUrl, project: Option.getOrUndefined(given.project) })
  const explain = explainedBy(host.origin)
  yield* Effect.flatMap(EvalsClient.EvalsClient, (client) =>
    work({
      database: undefined,
      flags: quotedFlags(given),
      explain,
      evalOf: (runId) => Effect.provideService(evalOfRun(runId, host.origin), EvalsClient.EvalsClient, client),
      runOf: () => Effect.fail(couldNotRun("A host finds an item in its run alone: name the run with --run.")),
      idle: () => Effect.succeed(undefined)
    })
  ).pipe(
    Effect.provide(host.layer),
    Effect.mapError((error) => (error._tag === "Stop" ? error : explain(error)))
  )
})

/** Works at the place that the flags name, with a client of it. */
export const at = (
  given: Given,
  mode: Attached.Mode,
  work: Work
): Effect.Effect<void, Stop, Command.Environment | HttpClient.HttpClient> => {
  if (Option.isNone(given.baseUrl)) return inFile(given, mode, work)
  return Option.isSome(given.db)
    ? Effect.fail(couldNotRun("--db and --base-url exclude each other: name a file or a host."))
    : atHost(given, given.baseUrl.value, work)
}
