/**
 * Where a command finds evals and runs: in a file of this machine, or at a host.
 */
import * as Flag from "effect/cli/Flag"
import type * as Command from "effect/cli/Command"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as UserDirectories from "effect/persistence/UserDirectories"
import * as SqlClient from "effect/sql/SqlClient"
import * as EvalsEngine from "../embedded/EvalsEngine.ts"
import * as EvalsClient from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { EvalId, type OutputItemId, RunId } from "../schema/Ids.ts"
import * as InProcess from "../server/InProcess.ts"
import * as Server from "../server/Server.ts"
import * as OutputItems from "../store/OutputItems.ts"
import * as Runs from "../store/Runs.ts"
import * as Attached from "./attached.ts"
import { evalOfRun } from "./find.ts"
import * as Host from "./host.ts"
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
  /** The eval of a run, by the run's id alone. */
  readonly evalOf: (runId: RunId) => Effect.Effect<EvalId, Stop | EvalsError>
  /** The run of an output item and its eval, by the item's id alone. */
  readonly runOf: (itemId: OutputItemId) => Effect.Effect<readonly [EvalId, RunId], Stop>
}

/** What a command does to a file: executes runs, or leaves that to whoever does. */
export type Mode = "execute" | "cancel" | "read"

const quoted = (text: string): string => (/^[\w@%+=:,./~\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)

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
  mode: Mode
): Effect.Effect<string, Stop, FileSystem.FileSystem | Path.Path> =>
  Option.isSome(db)
    ? Effect.succeed(db.value)
    : Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const folder = yield* UserDirectories.make().data("effect-evals")
        if (mode === "execute") yield* fs.makeDirectory(folder, { recursive: true })
        return path.join(folder, "evals.db")
      }).pipe(
        Effect.catchTag("PlatformError", (error) =>
          Effect.fail(couldNotRun(`There is no place for the default file: ${error.message}\nName one with --db.`))
        )
      )

// in one's own process nothing is too large, and nothing can be lost on the way
const limit = Number.MAX_SAFE_INTEGER - 1
const patience = Duration.days(7)

const clientOfEngine = Effect.flatMap(Server.make({ limits: { file: limit, rows: limit, body: limit } }), (app) =>
  EvalsClient.make({ baseUrl: InProcess.address, idempotentCreates: true, timeout: patience }).pipe(
    Effect.provideService(HttpClient.HttpClient, InProcess.httpClient(app))
  )
)

const failed = (error: EvalsError) => Effect.fail(couldNotRun(error.message))

/** Says of a database why it cannot be used. */
export const databaseErrors = (filename: string) => ({
  DatabaseError: (error: { readonly message: string }) => Effect.fail(couldNotRun(error.message)),
  MigrationError: (error: { readonly message: string }) => Effect.fail(couldNotRun(`${filename}: ${error.message}`)),
  SqlError: (error: { readonly message: string }) => Effect.fail(couldNotRun(`${filename}: ${error.message}`)),
  Rejection: (error: { readonly message: string }) => Effect.fail(couldNotRun(error.message))
})

const unknownThere = (what: string, id: string, filename: string) => couldNotRun(`${filename} holds no ${what} ${id}.`)

const inFile = Effect.fnUntraced(function* <A, E, R>(
  given: Given,
  mode: Mode,
  work: (place: Place) => Effect.Effect<A, E | EvalsError, R>
) {
  const filename = yield* databaseOf(given.db, mode)
  const project = Option.getOrUndefined(given.project)
  const place = {
    database: filename,
    flags: quotedFlags(given),
    evalOf: () => Effect.die("runs that are executed here are known with their eval"),
    runOf: () => Effect.die("runs that are executed here are known with their eval")
  } satisfies Place
  const executing = Effect.flatMap(clientOfEngine, (client) =>
    work(place).pipe(Effect.provideService(EvalsClient.EvalsClient, client))
  ).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename, project })))
  const looking = Effect.gen(function* () {
    const engine = yield* EvalsEngine.EvalsEngine
    const sql = yield* SqlClient.SqlClient
    const caller = yield* engine.caller(undefined)
    const found = <B, F>(lookup: Effect.Effect<B, F, SqlClient.SqlClient>) =>
      Effect.mapError(Effect.provideService(lookup, SqlClient.SqlClient, sql), (error) =>
        couldNotRun(`${filename}: ${String(error)}`)
      )
    return yield* work({
      ...place,
      evalOf: (runId) =>
        Effect.flatMap(found(Runs.findById(caller.project, runId)), (run) =>
          run === undefined ? unknownThere("run", runId, filename) : Effect.succeed(EvalId.make(run.evalId))
        ),
      runOf: (itemId) =>
        Effect.flatMap(found(OutputItems.runOf(caller.project, itemId)), (run) =>
          run === undefined
            ? unknownThere("output item", itemId, filename)
            : Effect.succeed([EvalId.make(run.evalId), RunId.make(run.runId)] as const)
        )
    }).pipe(Effect.provideServiceEffect(EvalsClient.EvalsClient, clientOfEngine))
  }).pipe(Effect.provide(Attached.layer({ filename, project, writable: mode === "cancel" })))
  return yield* Effect.catchTags(mode === "execute" ? executing : looking, {
    ...databaseErrors(filename),
    EvalsError: failed
  })
})

const atHost = Effect.fnUntraced(function* <A, E, R>(
  given: Given,
  baseUrl: string,
  work: (place: Place) => Effect.Effect<A, E | EvalsError, R>
) {
  const host = yield* Host.fromEnvironment({ baseUrl, project: Option.getOrUndefined(given.project) })
  return yield* Effect.gen(function* () {
    const client = yield* EvalsClient.EvalsClient
    return yield* work({
      database: undefined,
      flags: quotedFlags(given),
      evalOf: (runId) => Effect.provideService(evalOfRun(runId, host.origin), EvalsClient.EvalsClient, client),
      runOf: () => Effect.fail(couldNotRun("A host finds an item in its run alone: name the run with --run."))
    })
  }).pipe(
    Effect.provide(host.layer),
    Effect.catchTag("EvalsError", (error) => {
      const advice = Host.advice(error, host.origin)
      return Effect.fail(couldNotRun(advice === undefined ? error.message : `${error.message}\n${advice}.`))
    })
  )
})

/** Works at the place that the flags name, with a client of it. */
export const at = <A, E, R>(
  given: Given,
  mode: Mode,
  work: (place: Place) => Effect.Effect<A, E | EvalsError, R>
) =>
  Option.isSome(given.baseUrl)
    ? Option.isSome(given.db)
      ? Effect.fail(couldNotRun("--db and --base-url exclude each other: name a file or a host."))
      : atHost(given, given.baseUrl.value, work)
    : inFile(given, mode, work)
