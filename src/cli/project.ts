/**
 * Which project of a file is meant.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { newest } from "../store/migrations.ts"
import * as Projects from "../store/Projects.ts"
import * as Sqlite from "../store/Sqlite.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/**
 * The project that is named, or the only one; undefined where a file holds none at
 * all. A name that the file does not know is refused: an archive whose project was
 * mistyped would hold two from then on.
 */
export const choose = (
  filename: string,
  name: string | undefined
): Effect.Effect<number | undefined, Stop | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const known = yield* Projects.all
    if (known.size === 0) return undefined
    const names = [...known.keys()].join(", ")
    if (name === undefined && known.size > 1) {
      return yield* couldNotRun(`${filename} holds several projects (${names}): name one with --project.`)
    }
    const [only] = known.values()
    const found = name === undefined ? only : known.get(name)
    return found ?? (yield* couldNotRun(`${filename} holds no project ${String(name)}, but ${names}.`))
  })

/** Looks, before an engine is given a file, whether the project is there; a new file may get any. */
export const check = (
  filename: string,
  name: string | undefined
): Effect.Effect<void, Stop | SqlError | Sqlite.DatabaseError, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    if (!(yield* Effect.orElseSucceed(fs.exists(filename), () => false))) return
    yield* Effect.gen(function* () {
      const sql = yield* SqlClient.SqlClient
      const tables = yield* sql`SELECT name FROM sqlite_master WHERE name = 'projects'`
      if (tables.length > 0) yield* choose(filename, name)
    }).pipe(Effect.provide(Sqlite.layer({ filename, readonly: true }, newest)))
  })
