/**
 * The lock of a database. An engine that resumes the runs of an earlier process takes it exclusively, to know that the
 * earlier process has ended. Processes that resume nothing take it shared, also while an engine runs.
 *
 * The lock is an SQLite lock on an empty file beside the database. The operating system releases it when the process
 * ends, even after a crash.
 */
import { existsSync, realpathSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DatabaseError, messageOf } from "./DatabaseFile.ts"

/** The time limit for waiting on an engine that is being opened, in milliseconds. */
const openingMillis = 10_000

/** The time limit for waiting on a process that is ending, in milliseconds. */
const endingMillis = 1000

const realOf = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** The path of the lock. Symbolic links are resolved, as SQLite does for its log. */
const fileOf = (filename: string): string => {
  const folder = realOf(dirname(filename))
  const file = realOf(filename) ?? (folder === undefined ? filename : join(folder, basename(filename)))
  return `${file}-lock`
}

const held = (filename: string, advice: string) => (cause: unknown) =>
  new DatabaseError({
    reason: "Unreachable",
    filename,
    message: `${filename}: ${/locked|busy/.test(messageOf(cause)) ? advice : `its lock ${fileOf(filename)}: ${messageOf(cause)}`}`
  })

const taken = (
  filename: string,
  timeout: number,
  statements: ReadonlyArray<string>,
  advice: string
): Effect.Effect<DatabaseSync, DatabaseError, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => {
        const lock = new DatabaseSync(fileOf(filename), { timeout })
        try {
          for (const statement of statements) lock.exec(statement)
          return lock
        } catch (cause) {
          lock.close()
          throw cause
        }
      },
      catch: held(filename, advice)
    }),
    (lock) => Effect.sync(() => lock.close())
  )

/** Takes the lock shared, until the scope ends. */
export const beside = (filename: string): Effect.Effect<void, DatabaseError, Scope.Scope> =>
  Effect.asVoid(
    taken(
      filename,
      openingMillis,
      ["BEGIN", "SELECT name FROM sqlite_master"],
      "another process is just opening it; try again in a moment"
    )
  )

/** An exclusive lock that others may be waiting for. */
export interface Alone {
  /** Lets processes take the lock shared. Another engine is still refused. */
  readonly admit: Effect.Effect<void, DatabaseError>
}

const worked = "another process works on it, a server or a run; wait until that has ended, or name another file"

/** Takes the lock exclusively. Fails if another process holds it. The lock is released with the scope. */
export const alone = (filename: string): Effect.Effect<Alone, DatabaseError, Scope.Scope> =>
  Effect.map(taken(filename, endingMillis, ["BEGIN EXCLUSIVE"], worked), (lock) => ({
    admit: Effect.try({
      try: () => {
        lock.exec("COMMIT")
        lock.exec("BEGIN IMMEDIATE")
      },
      catch: held(filename, worked)
    })
  }))

/** Returns whether any process holds the lock. Returns true if the lock cannot be tried. */
export const isHeld = (filename: string): Effect.Effect<boolean> =>
  Effect.suspend(() =>
    existsSync(fileOf(filename))
      ? Effect.match(Effect.scoped(taken(filename, 0, ["BEGIN EXCLUSIVE"], worked)), {
          onFailure: () => true,
          onSuccess: () => false
        })
      : Effect.succeed(false)
  )
