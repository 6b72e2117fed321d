/**
 * The engine beside the process that executes runs: it reads the same file, and
 * cancels, but begins and goes on with nothing.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { Changes } from "../engine/Changes.ts"
import { EvalsEngine } from "../engine/EvalsEngine.ts"
import { Executor } from "../engine/Executor.ts"
import { IdGenerator, layer as idsLayer } from "../engine/IdGenerator.ts"
import * as Evals from "../engine/operations/evals.ts"
import * as Files from "../engine/operations/files.ts"
import * as Graders from "../engine/operations/graders.ts"
import * as OutputItems from "../engine/operations/outputItems.ts"
import * as Runs from "../engine/operations/runs.ts"
import { Sweeper } from "../engine/Sweeper.ts"
import * as Workers from "../engine/Workers.ts"
import { newest } from "../store/migrations.ts"
import * as Projects from "../store/Projects.ts"
import * as Sqlite from "../store/Sqlite.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** How often it is looked whether another process has changed a run. */
const lookMillis = 500

// whoever changes a run does so in another process, and tells nobody here
const changes = Layer.succeed(Changes, {
  notify: () => Effect.void,
  subscribe: () =>
    Effect.gen(function* () {
      const queue = yield* Queue.sliding<void>(1)
      yield* Effect.forkScoped(Effect.repeat(Queue.offer(queue, undefined), Schedule.spaced(lookMillis)))
      return queue
    })
})

const executor = Layer.succeed(Executor, { start: () => Effect.void, stop: () => Effect.void })

// what is left to be deleted is found by the process that executes
const sweeper = Layer.succeed(Sweeper, { sweep: () => Effect.void })

/** Which file, and what of it. */
export interface Options {
  readonly filename: string
  /** The project whose objects are served. Default the only one. */
  readonly project?: string | undefined
  /** Whether runs are to be canceled; else the file is opened for reading alone. */
  readonly writable?: boolean | undefined
}

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

const projectOf = (
  filename: string,
  name: string | undefined
): Effect.Effect<number, Stop | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const known = yield* Projects.all
    const names = [...known.keys()].join(", ")
    if (name === undefined && known.size > 1) {
      return yield* couldNotRun(`${filename} holds several projects (${names}): name one with --project.`)
    }
    const [only] = known.values()
    const found = name === undefined ? only : known.get(name)
    if (found === undefined && name !== undefined) {
      return yield* couldNotRun(`${filename} holds no project ${name}, but ${names === "" ? "none at all" : names}.`)
    }
    // no project has this number: the file holds nothing yet
    return found ?? 0
  })

const engine = (filename: string, name: string | undefined) =>
  Effect.gen(function* () {
    const project = yield* projectOf(filename, name)
    const ids = yield* IdGenerator
    const sql = yield* SqlClient.SqlClient
    return EvalsEngine.of({
      ...(yield* Evals.make),
      ...(yield* Runs.make),
      ...(yield* OutputItems.make),
      ...(yield* Files.make),
      ...(yield* Graders.make),
      requestId: ids.next("req_"),
      caller: (named) =>
        named === undefined
          ? Effect.succeed({ project, createdBy: "" })
          : Projects.all.pipe(
              Effect.map((known) => ({ project: known.get(named) ?? project, createdBy: "" })),
              Effect.provideService(SqlClient.SqlClient, sql)
            )
    })
  })

/** The engine over a file that must be there, and the file itself. */
export const layer = ({
  filename,
  project,
  writable
}: Options): Layer.Layer<
  EvalsEngine | SqlClient.SqlClient,
  Stop | SqlError | Sqlite.DatabaseError,
  FileSystem.FileSystem
> =>
  Layer.effect(EvalsEngine, engine(filename, project)).pipe(
    Layer.provide([Workers.layer(), idsLayer, changes, executor, sweeper]),
    Layer.provide(Layer.effectDiscard(upToDate(filename))),
    Layer.provideMerge(Sqlite.layer({ filename, readonly: writable !== true }, newest)),
    Layer.provide(Layer.effectDiscard(present(filename)))
  )
