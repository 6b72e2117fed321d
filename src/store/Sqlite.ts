/**
 * `SqlClient` over `node:sqlite`, with one connection, a write-ahead log and cached statements. It has the interface of
 * the SQLite driver of Effect.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite"
import * as Array from "effect/Array"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as SqlClient from "effect/sql/SqlClient"
import type * as SqlConnection from "effect/sql/SqlConnection"
import { classifySqliteError, SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import * as Stream from "effect/Stream"
import {
  busyTimeout,
  type DatabaseError,
  errorCode,
  errorKind,
  full,
  inspect,
  type Options,
  patiently,
  readable,
  messageOf
} from "./DatabaseFile.ts"
import { untraced } from "./Untraced.ts"

export { applicationId, DatabaseError, type Options } from "./DatabaseFile.ts"

/**
 * The page size of a new database, in bytes. An item takes about 1 KB: with the default of 4 KB, pages are split too
 * often.
 */
const pageSize = 8192

/**
 * The size of the write-ahead log at which SQLite writes a checkpoint, in pages. Many small syncs cost more than one
 * large one.
 */
const logPages = 4000

/** Returns whether a statement failed because the disk is full. Its transaction was rolled back. */
export const isDiskFull = (error: SqlError): boolean => errorKind(error.reason.cause) === full

// the classification of Effect reads the code from `errno`
const numbered = (cause: unknown): unknown =>
  cause instanceof Error && errorCode(cause) !== undefined ? Object.assign(cause, { errno: errorCode(cause) }) : cause

const input = (value: unknown): SQLInputValue => {
  if (value === undefined || value === null) return null
  if (typeof value === "boolean") return value ? 1 : 0
  if (typeof value === "string" || typeof value === "number" || typeof value === "bigint") return value
  if (value instanceof Uint8Array) return value
  throw new TypeError(`${typeof value} cannot be stored`)
}

interface Connection extends SqlConnection.Connection {
  readonly database: DatabaseSync
}

const statementLimit = 200

const connect = (database: DatabaseSync): Connection => {
  const statements = new Map<string, StatementSync>()
  const prepare = (sql: string): StatementSync => {
    const cached = statements.get(sql)
    if (cached !== undefined) return cached
    const statement = database.prepare(sql)
    if (statements.size >= statementLimit) statements.clear()
    statements.set(sql, statement)
    return statement
  }
  const attempt = <A>(operation: string, run: () => A): Effect.Effect<A, SqlError> =>
    Effect.try({
      try: run,
      catch: (cause) =>
        new SqlError({ reason: classifySqliteError(numbered(cause), { message: messageOf(cause), operation }) })
    })
  const rows = (sql: string, params: ReadonlyArray<unknown>) =>
    attempt("execute", () => prepare(sql).all(...params.map(input)))
  const values = (sql: string, params: ReadonlyArray<unknown>) =>
    Effect.map(rows(sql, params), (found) => found.map((row) => Object.values(row)))
  return {
    database,
    execute: (sql, params, transform) =>
      Effect.map(rows(sql, params), (found) => (transform === undefined ? found : transform(found))),
    executeRaw: (sql, params) => attempt("execute", () => prepare(sql).run(...params.map(input))),
    executeValues: values,
    executeValuesUnprepared: values,
    executeUnprepared: (sql, params, transform) =>
      Effect.map(
        attempt("execute", () => database.prepare(sql).all(...params.map(input))),
        (found) => (transform === undefined ? found : transform(found))
      ),
    executeStream: (sql, params, transform) => {
      // not cached: a cached statement could be started again while its rows are read
      const iterator = Effect.acquireRelease(
        attempt("executeStream", () => database.prepare(sql).iterate(...params.map(input))),
        // an iterator that is not closed would hold its read lock
        (opened) => Effect.sync(() => opened.return?.())
      )
      const pull = (opened: Iterator<object>) =>
        Effect.flatMap(
          attempt("executeStream", () => take(opened, streamChunk)),
          (found) => {
            const rows = transform === undefined ? found : transform(found)
            return Array.isReadonlyArrayNonEmpty(rows) ? Effect.succeed(rows) : Cause.done()
          }
        )
      return Stream.unwrap(Effect.map(iterator, (opened) => Stream.fromPull(Effect.succeed(pull(opened)))))
    }
  }
}

const streamChunk = 64
const streamBytes = 1024 * 1024

const sizeOf = (row: unknown): number =>
  typeof row !== "object" || row === null
    ? 0
    : Object.values(row).reduce<number>(
        (size, value) => size + (typeof value === "string" || value instanceof Uint8Array ? value.length : 8),
        0
      )

// chunks are bounded in bytes too, since rows may be large
const take = <A>(iterator: Iterator<A>, count: number): ReadonlyArray<A> => {
  const taken: Array<A> = []
  let bytes = 0
  while (taken.length < count && bytes < streamBytes) {
    const next = iterator.next()
    if (next.done === true) break
    taken.push(next.value)
    bytes += sizeOf(next.value)
  }
  return taken
}

const opened = (options: Options): DatabaseSync => {
  const readOnly = options.readonly === true
  const database = readOnly
    ? readable(options.filename, true)
    : new DatabaseSync(options.filename, { timeout: busyTimeout })
  try {
    if (!readOnly) {
      database.exec(`PRAGMA page_size = ${pageSize}`)
      database.exec("PRAGMA journal_mode = WAL")
      // the end of a process loses no commit; a power failure may lose the last commits as a whole
      database.exec("PRAGMA synchronous = NORMAL")
      database.exec(`PRAGMA wal_autocheckpoint = ${logPages}`)
    }
    database.exec("PRAGMA foreign_keys = ON")
    return database
  } catch (cause) {
    database.close()
    throw cause
  }
}

// the compiler of Effect caches each statement with its parameters, until a full garbage collection
const compiler: Statement.Compiler = {
  dialect: "sqlite",
  compile: (statement, withoutTransform) => Statement.makeCompilerSqlite().compile(statement, withoutTransform),
  get withoutTransform() {
    return compiler
  }
}

/** Opens a database. `newest` is the id of the newest known migration. */
export const make = (
  options: Options,
  newest: number
): Effect.Effect<SqlClient.SqlClient, DatabaseError, Scope.Scope | Reactivity.Reactivity> =>
  Effect.gen(function* () {
    yield* inspect(options, newest)
    const database = yield* Effect.acquireRelease(
      patiently(options, () => opened(options)),
      (connected) => Effect.sync(() => connected.close())
    )
    const connection = connect(database)
    const semaphore = yield* Semaphore.make(1)
    const acquirers = SqlClient.makeSqliteAcquirers({
      connection: Effect.succeed(connection),
      semaphore,
      isTransaction: (conn: Connection) => conn.database.isTransaction
    })
    const client = yield* SqlClient.make({
      acquirer: acquirers.acquirer,
      borrower: acquirers.borrower,
      transactionAcquirer: acquirers.transactionAcquirer,
      onCommitFailure: acquirers.onCommitFailure,
      isTransaction: acquirers.isTransaction,
      compiler,
      // takes the write lock at the start, so that two processes that read and then write wait for each other
      beginTransaction: "BEGIN IMMEDIATE",
      driver: "node:sqlite",
      spanAttributes: []
    })
    return untraced(client)
  })

/** Provides an opened database. */
export const layer = (options: Options, newest: number): Layer.Layer<SqlClient.SqlClient, DatabaseError> =>
  Layer.provide(Layer.effect(SqlClient.SqlClient, make(options, newest)), Reactivity.layer)
