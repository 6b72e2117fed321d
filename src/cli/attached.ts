/**
 * The engine beside the process that goes on with runs: it reads the same file,
 * cancels, and executes the runs that it is asked for, but no others.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { MigrationError } from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Changes from "../engine/runs/Changes.ts"
import * as EngineOperations from "../engine/operations/EngineOperations.ts"
import { EvalsEngine, fromOperations } from "../engine/Engine.ts"
import * as Executor from "../engine/runs/Executor.ts"
import { layer as idsLayer } from "../engine/texts/IdGenerator.ts"
import { Sweeper } from "../engine/operations/Sweeper.ts"
import * as Workers from "../engine/work/Workers.ts"
import * as Lock from "../store/Lock.ts"
import { migrate, newest } from "../store/migrations.ts"
import * as Projects from "../store/Projects.ts"
import * as Removals from "../store/Removals.ts"
import * as Runs from "../store/Runs.ts"
import * as Sqlite from "../store/Sqlite.ts"
import type { Mode } from "./place.ts"
import * as Project from "./project.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** Which file, and what of it. */
export interface Options {
  readonly filename: string
  /** The project whose objects are served. Default the only one. */
  readonly project?: string | undefined
  readonly mode: Mode
}

// =============================================================================
// services
// =============================================================================

// what others have left may be what they are just writing
const sweepsItsOwn = Layer.effect(
  Sweeper,
  Effect.map(SqlClient.SqlClient, (sql) => ({
    sweep: (removals: ReadonlyArray<Removals.Removal>) =>
      Effect.forEach(removals, Removals.sweep, { discard: true }).pipe(
        Effect.provideService(SqlClient.SqlClient, sql),
        Effect.catch((error) => Effect.logWarning(`what was deleted is not all gone yet: ${error.message}`))
      )
  }))
)

const services = (mode: Mode) => {
  const own = Layer.mergeAll(
    Workers.layer(),
    idsLayer,
    sweepsItsOwn,
    mode === "execute" ? Changes.layer : Changes.layerShared
  )
  const executes = mode === "execute" || mode === "resume"
  return Layer.provideMerge(executes ? Executor.layerLocal : Executor.layerNone, own)
}

// =============================================================================
// the file
// =============================================================================

const present = (filename: string): Effect.Effect<void, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const there = yield* Effect.orElseSucceed(fs.exists(filename), () => true)
    if (!there) {
      return yield* couldNotRun(`${filename}: there is no such file; effect-evals run, serve and archive make one.`)
    }
  })

const upToDate = (filename: string): Effect.Effect<void, Stop | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const tables = yield* sql`SELECT name FROM sqlite_master WHERE name = 'migrations'`
    if (tables.length === 0) return yield* couldNotRun(`${filename} is empty: nothing was stored in it yet.`)
    const [found] = yield* sql<{ readonly version: number }>`SELECT max(migration_id) AS version FROM migrations`
    if ((found?.version ?? 0) < newest) {
      return yield* couldNotRun(
        `${filename} was written by an earlier version of effect-evals. Open it once for writing, with ` +
          `effect-evals serve --db ${filename}, which brings it up to date.`
      )
    }
  })

const database = (
  filename: string,
  mode: Mode
): Layer.Layer<SqlClient.SqlClient, Stop | SqlError | MigrationError | Sqlite.DatabaseError, FileSystem.FileSystem> => {
  const opened = Sqlite.layer({ filename, readonly: mode === "read" }, newest)
  return mode === "execute"
    ? // the lock last: it is a file too, and none is made beside what is no database of ours
      Layer.provideMerge(Layer.effectDiscard(Effect.andThen(Lock.beside(filename), migrate)), opened)
    : Layer.provideMerge(Layer.effectDiscard(upToDate(filename)), opened).pipe(
        Layer.provide(Layer.effectDiscard(present(filename)))
      )
}

const projectOf = ({
  filename,
  mode,
  project: name
}: Options): Effect.Effect<number, Stop | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const found = yield* Project.choose(filename, name)
    if (found !== undefined) return found
    if (mode === "execute") {
      const millis = yield* Clock.currentTimeMillis
      return yield* Projects.findOrCreate(name ?? Projects.defaultName, Math.floor(millis / 1000))
    }
    if (name !== undefined) return yield* couldNotRun(`${filename} holds no project ${name}, but none at all.`)
    // no project has this number: the file holds nothing yet
    return 0
  })

// =============================================================================
// engine
// =============================================================================

const engine = (project: number) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const all = yield* EngineOperations.make((named) =>
      named === undefined
        ? Effect.succeed({ project, createdBy: "" })
        : Projects.all.pipe(
            Effect.map((known) => ({ project: known.get(named) ?? project, createdBy: "" })),
            Effect.provideService(SqlClient.SqlClient, sql)
          )
    )
    return fromOperations(all)
  })

/** The engine over a file, and the file itself. It is made where it does not exist if runs are executed in it. */
export const layer = (
  options: Options
): Layer.Layer<
  EvalsEngine | SqlClient.SqlClient,
  Stop | SqlError | MigrationError | Sqlite.DatabaseError,
  FileSystem.FileSystem
> =>
  Layer.effect(EvalsEngine, Effect.flatMap(projectOf(options), engine)).pipe(
    Layer.provide(services(options.mode)),
    Layer.provideMerge(database(options.filename, options.mode))
  )

// =============================================================================
// resuming
// =============================================================================

/** The unfinished runs that this process executes. */
export class Resumed extends Context.Service<
  Resumed,
  { readonly project: number; readonly jobs: ReadonlyArray<Runs.Execution> }
>()("effect-evals/cli/Resumed") {}

/** The file and the runs to resume. */
export interface Resuming extends Omit<Options, "mode"> {
  /** The run; all unfinished ones of the project when left out. */
  readonly runId: string | undefined
}

const resuming = (given: Resuming) =>
  Effect.gen(function* () {
    const executor = yield* Executor.Executor
    // a run that another process executes is not executed twice
    const { admit } = yield* Lock.alone(given.filename)
    yield* migrate
    const project = yield* projectOf({ ...given, mode: "resume" })
    const jobs = (yield* Runs.executions).filter(
      (job) => job.project === project && (given.runId === undefined || job.runId === given.runId)
    )
    for (const job of jobs) yield* executor.start(job)
    // what others make from now on is theirs
    yield* admit
    return Context.make(EvalsEngine, yield* engine(project)).pipe(Context.add(Resumed, { project, jobs }))
  })

/** The engine over a file whose unfinished runs it executes. No other process may be executing runs of the file. */
export const layerResuming = (
  given: Resuming
): Layer.Layer<
  EvalsEngine | Resumed | SqlClient.SqlClient,
  Stop | SqlError | MigrationError | Sqlite.DatabaseError,
  FileSystem.FileSystem
> =>
  Layer.effectContext(resuming(given)).pipe(
    Layer.provide(services("resume")),
    Layer.provideMerge(Sqlite.layer({ filename: given.filename }, newest)),
    Layer.provide(Layer.effectDiscard(present(given.filename)))
  )
