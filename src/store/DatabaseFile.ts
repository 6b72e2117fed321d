/**
 * The file of a database: whether it is ours, how it is opened where little is
 * allowed, and what there is to do where it cannot be.
 */
import { accessSync, constants, existsSync, realpathSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

/**
 * The database cannot be opened, or is not ours: `reason` says which, `message` what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class DatabaseError extends Schema.TaggedError<DatabaseError>("effect-evals/DatabaseError")("DatabaseError", {
  reason: Schema.Literals(["Unreachable", "NotADatabase", "Foreign", "Newer"]),
  filename: Schema.String,
  message: Schema.String
}) {}

/** `"evls"`: marks a file as a database of this library, so that no other is taken for one. */
export const applicationId = 0x65766c73

/** How long a statement waits for another process that writes. */
export const busyTimeout = 10_000

/** How a database is opened. */
export interface Options {
  /** The file, or `:memory:`. */
  readonly filename: string
  /** Whether nothing is to be written; the file must exist. */
  readonly readonly?: boolean | undefined
}

const cannot = (filename: string, reason: DatabaseError["reason"], message: string): DatabaseError =>
  new DatabaseError({ reason, filename, message: `${filename}: ${message}` })

/** What somebody says who was thrown something. */
export const words = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

/** The number by which SQLite names an error: the kind in its lower byte, and which of the kind above. */
export const errorCode = (cause: unknown): number | undefined =>
  cause instanceof Error && "errcode" in cause && typeof cause.errcode === "number" ? cause.errcode : undefined

/** The kind of an error of SQLite; 0 of any other. */
export const errorKind = (cause: unknown): number => (errorCode(cause) ?? 0) & 0xff

/** SQLite's code for a disk that is full. */
export const full = 13

/** Those for a database that somebody else holds or that may not be written, a file that cannot be opened, and one that is none of its own. */
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

// SQLite takes away what it puts beside a file only if it may write. Where there is a log already, somebody writes,
// or was stopped: then it must not be touched.
const mayTidy = (filename: string): boolean => !existsSync(`${filename}-wal`) && !existsSync(`${filename}-journal`)

const notWritable = ({ filename }: Options): string =>
  `you may not write ${mayWrite(filename) ? `into ${dirname(filename)}` : "it"}. effect-evals list, show, items and ` +
  "serve --read-only read it as it is; to write, copy it to a folder that you may write, and name the copy"

/** Why a file cannot be opened, and what there is to do. */
const unopened = (options: Options, cause: unknown): string => {
  const { filename, readonly } = options
  const folder = dirname(filename)
  if (!existsSync(filename)) {
    return `no file can be made in ${folder} (${words(cause)}); name one in a folder that you may write`
  }
  if (!may(filename, constants.R_OK)) return "you may not read it; ask its owner, or name another file"
  if (readonly === true) {
    return (
      `it cannot be read (${words(cause)}): SQLite reads its log ${filename}-wal by an index beside it, and you may ` +
      `not write into ${folder}. Copy both to a folder that you may write, and name the copy`
    )
  }
  return notWritable(options)
}

/** Tries until no other process is in the way, and says what is wrong with the file. */
export const patiently = <A>(options: Options, run: () => A): Effect.Effect<A, DatabaseError> =>
  Effect.try({ try: run, catch: (cause) => cause }).pipe(
    // SQLite itself does not wait where another process is about to switch the log on or off
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
          return cannot(filename, "Unreachable", words(cause))
      }
    })
  )

const opened = (location: string | URL, onlyReading: boolean): DatabaseSync => {
  const database = new DatabaseSync(location, { readOnly: onlyReading, timeout: busyTimeout })
  try {
    // before the first statement nothing is opened but the file itself
    database.prepare("SELECT count(*) FROM sqlite_master").get()
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

// what SQLite has yet to fold in, or to take back
const hasLog = (filename: string): boolean => hasContent(`${filename}-wal`) || hasContent(`${filename}-journal`)

/**
 * Opens a file in order to read it. SQLite lays an index of the log beside it, even
 * where there is no log; where it may not, and nothing is left in a log, the file is
 * read as it stands.
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
 * Says why a name is refused, and what to write. Node takes an address for the
 * path in it, and the lock of a database is found by its path.
 */
const misnamed = (filename: string): string | undefined =>
  filename === ""
    ? "the name of the database is empty; name a file, or :memory:"
    : /^file:/i.test(filename)
      ? "is an address; name the file by its path, without file: and parameters"
      : undefined

/**
 * A file of several names is not written to. SQLite keeps the log of a database
 * beside the name by which it was opened, and so is its lock: two processes that
 * open it by two names would damage it.
 */
const linked = (names: number): string =>
  `has ${names} names (hard links), and another process may be working on it by another one. Remove the other names, ` +
  "or copy it and name the copy"

/**
 * Looks at a file before anything is written to it: only an empty file, or one
 * of ours that is not newer than this version, is opened for writing.
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
    // opened by SQLite alone: closing the file behind its back would drop the locks of this process
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
