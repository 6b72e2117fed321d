/**
 * The engine over a file of this machine, as each kind of command needs it.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import type { MigrationError } from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsEngine } from "../engine/Engine.ts"
import * as Sweeper from "../engine/operations/Sweeper.ts"
import type { ProjectError } from "../engine/project.ts"
import type { Options as Ceilings } from "../engine/runs/Budget.ts"
import * as Changes from "../engine/runs/Changes.ts"
import * as Executor from "../engine/runs/Executor.ts"
import * as EngineInFile from "../inProcess/engineInFile.ts"
import * as Lock from "../store/Lock.ts"
import { migrate, newest } from "../store/migrations.ts"
import type { DatabaseError } from "../store/Sqlite.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** Reasons why an engine cannot be made over a file. */
export type FileError = DatabaseError | MigrationError | SqlError | ProjectError | Stop

/** An engine and its file. */
export type InFile = Layer.Layer<EvalsEngine | SqlClient.SqlClient, FileError, FileSystem.FileSystem>

/** The file and the project. */
export interface Options {
  readonly filename: string
  /** Default: the only project of the file. */
  readonly project?: string | undefined
  /** The ceilings over what runs of a server spend on models. Default: none. */
  readonly ceilings?: Ceilings | undefined
  /** Whether answers of models are kept in the file. Default false. */
  readonly cache?: boolean | undefined
}

const checkExists = (filename: string): Effect.Effect<void, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const exists = yield* Effect.orElseSucceed(fs.exists(filename), () => true)
    if (!exists) {
      return yield* couldNotRun(`${filename}: there is no such file; effect-evals run, serve and archive create one.`)
    }
  })

const checkUpToDate = (filename: string): Effect.Effect<void, Stop | SqlError, SqlClient.SqlClient> =>
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

/** Serves the file: an engine that resumes all unfinished runs. The file is created where it does not exist. */
export const layerServing = ({ cache, ceilings, filename, project }: Options): InFile =>
  EngineInFile.alone(
    filename,
    EngineInFile.layer({ filename }, migrate, {
      project,
      creates: "first",
      changes: Changes.layerShared,
      cache,
      ceilings
    })
  )

/** Executes the runs that the command creates, and no others. The file is created where it does not exist. */
export const layerExecuting = ({ cache, filename, project }: Options): InFile =>
  // opened before the lock: a lock file must not be created beside a file that is no database of the engine
  EngineInFile.layer({ filename }, Effect.andThen(Lock.beside(filename), migrate), {
    project,
    cache,
    creates: "first",
    resume: () => false,
    sweeper: Sweeper.layerOwn
  })

/** A database in memory, for a run that is only tried. `executes` says whether its runs are executed. */
export const layerTrying = (executes: boolean): InFile =>
  EngineInFile.layer({ filename: ":memory:" }, migrate, {
    creates: "first",
    executor: executes ? Executor.layerLocal : Executor.layerNone,
    sweeper: Sweeper.layerOwn
  })

/** Executes the run that the command retries, and no others. */
export const layerRetrying = ({ cache, filename, project }: Options): InFile =>
  EngineInFile.layer({ filename }, Effect.andThen(Lock.beside(filename), migrate), {
    project,
    cache,
    creates: "none",
    resume: () => false,
    sweeper: Sweeper.layerOwn
  }).pipe(Layer.provide(Layer.effectDiscard(checkExists(filename))))

/** Executes unfinished runs of the project: the one that is named, or all. */
export const layerResuming = ({ cache, filename, project }: Options, runId: string | undefined): InFile =>
  EngineInFile.alone(
    filename,
    EngineInFile.layer({ filename }, migrate, {
      project,
      cache,
      creates: "none",
      resume: (job, own) => job.project === own && (runId === undefined || job.runId === runId),
      sweeper: Sweeper.layerOwn,
      changes: Changes.layerShared
    })
  ).pipe(Layer.provide(Layer.effectDiscard(checkExists(filename))))

const layerExisting = ({ filename, project }: Options, readonly: boolean): InFile =>
  EngineInFile.layer({ filename, readonly }, checkUpToDate(filename), {
    project,
    creates: "none",
    resume: () => false,
    executor: Executor.layerNone,
    sweeper: Sweeper.layerOwn,
    changes: Changes.layerShared
  }).pipe(Layer.provide(Layer.effectDiscard(checkExists(filename))))

/** Cancels and deletes, and executes nothing. */
export const layerCanceling = (options: Options): InFile => layerExisting(options, false)

/** Reads. */
export const layerReading = (options: Options): InFile => layerExisting(options, true)
