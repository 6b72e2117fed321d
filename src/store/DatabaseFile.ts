/**
 * Inspects and opens database files: recognises files of this library, opens read-only files, and explains failures.
 */
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

/**
 * The database cannot be opened, or belongs to another program. `message` says what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class DatabaseError extends Schema.TaggedError<DatabaseError>("effect-evals/DatabaseError")("DatabaseError", {
  reason: Schema.Literals(["Unreachable", "NotADatabase", "Foreign", "Newer"]),
  filename: Schema.String,
  message: Schema.String
}) {}

/** `"evls"`: the application id in the header of every database of this library. */
export const applicationId = 0x65766c73

/** The time limit for waiting on another process that writes, in milliseconds. */
export const busyTimeout = 10_000

/** Options for opening a database. */
export interface Options {
  /** The path of the file, or `:memory:`. */
  readonly filename: string
  /** Whether the database is opened for reading only. The file must exist. */
  readonly readonly?: boolean | undefined
}

const cannot = (filename: string, reason: DatabaseError["reason"], message: string): DatabaseError =>
  new DatabaseError({ reason, filename, message: `${filename}: ${message}` })

/** Returns the message of a thrown value. */
export const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** Returns the extended result code of an SQLite error. Its lowest byte is the primary code. */
export const errorCode = (cause: unknown): number | undefined =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode : undefined

/** Returns the primary result code of an SQLite error, or 0 for any other error. */
export const errorKind = (cause: unknown): number => (errorCode(cause) ?? 0) & 0xff

/** `SQLITE_FULL`. */
export const full = 13

// SQLITE_BUSY, SQLITE_READONLY, SQLITE_CANTOPEN and SQLITE_NOTADB
const busy = 5
const readOnly = 8
const cannotOpen = 14
const notADatabase = 26

const may = (path: string, mode: number): boolean => {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

const hasContent = (path: string): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0

const mayWrite = (path: string): boolean => may(path, constants.W_OK)

// SQLite deletes the index of the log only if it may write. An existing log belongs to a process that writes or was
// killed, and must not be changed.
const mayTidy = (filename: string): boolean => !existsSync(`${filename}-wal`) && !existsSync(`${filename}-journal`)

const notWritable = ({ filename }: Options): string =>
  `you may not write ${mayWrite(filename) ? `into ${dirname(filename)}` : "it"}. effect-evals list, show, items and ` +
  "serve --read-only read it as it is; to write, copy it to a folder that you may write, and name the copy"

/** Explains why a file cannot be opened, with advice. */
const unopened = (options: Options, cause: unknown): string => {
  const { filename, readonly } = options
  const folder = dirname(filename)
  if (!existsSync(filename)) {
    return `no file can be made in ${folder} (${messageOf(cause)}); name one in a folder that you may write`
  }
  if (!may(filename, constants.R_OK)) return "you may not read it; ask its owner, or name another file"
  if (readonly === true) {
    return (
      `it cannot be read (${messageOf(cause)}): SQLite reads its log ${filename}-wal by an index beside it, and you may ` +
      `not write into ${folder}. Copy both to a folder that you may write, and name the copy`
    )
  }
  return notWritable(options)
}

/** Retries while another process holds the database. Maps errors of SQLite to `DatabaseError`. */
export const patiently = <A>(options: Options, run: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.try({ try: run, catch: (cause) => cause }).pipe(
    // SQLite does not wait while another process turns the write-ahead log on or off
    Effect.retry({
      while: (cause) => errorKind(cause) === busy,
      schedule: Schedule.spaced(50).pipe(Schedule.upTo({ times: busyTimeout / 50 }))
    }),
    Effect.mapError((cause) => {
      if (cause instanceof DatabaseError) return cause
      const { filename } = options
      switch (errorKind(cause)) {
        case busy:
          return cannot(filename, "Unreachable", "is held by another process; try again when that has ended")
        case notADatabase:
          return cannot(filename, "NotADatabase", "is not an SQLite database; name another file, it was left untouched")
        case readOnly:
        case cannotOpen:
          return cannot(filename, "Unreachable", unopened(options, cause))
        default:
          return cannot(filename, "Unreachable", messageOf(cause))
      }
    })
  )

const opened = (location: string | URL, onlyReading: boolean): DatabaseSync => {
  const database = new DatabaseSync(location, { readOnly: onlyReading, timeout: busyTimeout })
  try {
    // SQLite opens the log with the first statement
    database.prepare("SELECT count(*) FROM sqlite_master").get()
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

// the write-ahead log and the rollback journal
const hasLog = (filename: string): boolean => hasContent(`${filename}-wal`) || hasContent(`${filename}-journal`)

/**
 * Opens a file for reading. SQLite creates the index of the log beside the file, even without a log. If it may not, and
 * there is no unfinished log, the file is opened as immutable.
 */
export const readable = (filename: string, onlyReading: boolean): DatabaseSync => {
  try {
    return opened(filename, onlyReading)
  } catch (cause) {
    const kind = errorKind(cause)
    if ((kind !== readOnly && kind !== cannotOpen) || !existsSync(filename)) throw cause
    const file = realpathSync(filename)
    if (mayWrite(dirname(file)) || hasLog(file)) throw cause
    const asItStands = pathToFileURL(file)
    asItStands.searchParams.set("immutable", "1")
    return opened(asItStands, true)
  }
}

/**
 * Explains why a filename is refused. Node opens `file:` URLs by their path, and the lock of a database is found by its
 * path.
 */
const misnamed = (filename: string): string | undefined =>
  filename === ""
    ? "the name of the database is empty; name a file, or :memory:"
    : /^file:/i.test(filename)
      ? "is an address; name the file by its path, without file: and parameters"
      : undefined

/**
 * Explains why a file with several hard links is refused. SQLite derives the names of the log and of the lock from the
 * path: two processes that open the file by different names would damage it.
 */
const linked = (names: number): string =>
  `has ${names} names (hard links), and another process may be working on it by another one. Remove the other names, ` +
  "or copy it and name the copy"

/**
 * Inspects a file before it is opened for writing. Accepts an empty file, and a database of this library that is not
 * newer than this version.
 */
export const inspect = (options: Options, newest: number): Effect.Effect<void, DatabaseError> =>
  patiently(options, () => {
    const { filename } = options
    if (filename === ":memory:") return
    const wrong = misnamed(filename)
    if (wrong !== undefined) throw cannot(filename, "Unreachable", wrong)
    if (!existsSync(filename)) {
      if (existsSync(dirname(filename))) return
      throw cannot(filename, "Unreachable", "its folder does not exist; create it first")
    }
    const found = statSync(filename)
    if (found.isDirectory()) throw cannot(filename, "Unreachable", "is a directory; name a file in it")
    if (!found.isFile()) throw cannot(filename, "Unreachable", "is no regular file; name a file")
    if (options.readonly !== true && !mayWrite(filename)) throw cannot(filename, "Unreachable", notWritable(options))
    const { nlink, size } = statSync(filename)
    if (options.readonly !== true && nlink > 1) throw cannot(filename, "Unreachable", linked(nlink))
    if (size === 0) return
    // read through SQLite: closing a second file descriptor would drop the locks of this process
    const database = readable(filename, !mayTidy(filename))
    try {
      const id = database.prepare("PRAGMA application_id").get()?.["application_id"]
      const tables = database.prepare("SELECT count(*) AS n FROM sqlite_master").get()?.["n"]
      if (id !== applicationId && !(id === 0 && tables === 0)) {
        throw cannot(filename, "Foreign", "is a database of another program; name another file, it was left untouched")
      }
      const known = database.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'migrations'").get()?.["n"]
      const version =
        known === 0 ? 0 : database.prepare("SELECT max(migration_id) AS version FROM migrations").get()?.["version"]
      if (typeof version === "number" && version > newest) {
        throw cannot(
          filename,
          "Newer",
          `was written by a newer version (format ${version}, this one knows ${newest}); update effect-evals, it was left untouched`
        )
      }
    } finally {
      database.close()
    }
  })
