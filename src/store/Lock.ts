/**
 * Who may work on a database at the same time. An engine that goes on with what
 * an earlier process left must know that this process has ended; those that do
 * only what they were asked for may stand beside each other, and beside it.
 *
 * The lock is SQLite's own, on an empty file beside the database. It goes with its
 * process, however that ends.
 */
import { existsSync, realpathSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { DatabaseError, words } from "./DatabaseFile.ts"

/** How long it is waited for an engine that is just being opened. */
const openingMillis = 10_000

/** How long it is waited for a process that is just ending. */
const endingMillis = 1000

const realOf = (path: string): string | undefined => {
  try {
    return realpathSync(path)
  } catch {
    return undefined
  }
}

/** A database has one lock, by whatever links it is reached: SQLite resolves them too, for its log. */
const fileOf = (filename: string): string => {
  const folder = realOf(dirname(filename))
  const file = realOf(filename) ?? (folder === undefined ? filename : join(folder, basename(filename)))
  return `${file}-lock`
}

const held = (filename: string, advice: string) => (cause: unknown) =>
  new DatabaseError({
    reason: "Unreachable",
    filename,
    message: `${filename}: ${/locked|busy/.test(words(cause)) ? advice : `its lock ${fileOf(filename)}: ${words(cause)}`}`
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

/** Works on a database beside others, until the scope ends. */
export const beside = (filename: string): Effect.Effect<void, DatabaseError, Scope.Scope> =>
  Effect.asVoid(
    taken(
      filename,
      openingMillis,
      ["BEGIN", "SELECT name FROM sqlite_master"],
      "another process is just opening it; try again in a moment"
    )
  )

/** A database that others wait for. */
export interface Alone {
  /** Lets others work beside; an engine that wants to begin alone is still refused. */
  readonly admit: Effect.Effect<void, DatabaseError>
}

const worked = "another process works on it, a server or a run; wait until that has ended, or name another file"

/** Begins to work on a database alone; refused where others work on it. It is released with the scope. */
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

/**
 * Whether somebody works on a database, an engine or who works beside one. Where
 * the lock may not be tried nobody can tell, and somebody might.
 */
export const isHeld = (filename: string): Effect.Effect<boolean> =>
  Effect.suspend(() =>
    existsSync(fileOf(filename))
      ? Effect.match(Effect.scoped(taken(filename, 0, ["BEGIN EXCLUSIVE"], worked)), {
          onFailure: () => true,
          onSuccess: () => false
        })
      : Effect.succeed(false)
  )
