/**
 * `SqlClient` over `node:sqlite`: one connection, write-ahead log, cached
 * statements. It has the surface of Effect's own drivers and stands in for the
 * one for SQLite.
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
  words
} from "./DatabaseFile.ts"
import { untraced } from "./Untraced.ts"

export { applicationId, DatabaseError, type Options } from "./DatabaseFile.ts"

/** The size of a page of a new file, in bytes. An item takes about 1 KB: SQLite's own pages of 4 KB are split too often. */
const pageSize = 8192

/** How long the log may grow, in pages, before it is folded in: many small syncs cost more than one large one. */
const logPages = 4000

/** Whether a statement failed because there is no room left: nothing of it, or of its transaction, was written. */
export const isDiskFull = (error: SqlError): boolean => errorKind(error.reason.cause) === full

// Effect's classification reads the number as `errno`
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
        new SqlError({ reason: classifySqliteError(numbered(cause), { message: words(cause), operation }) })
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
      // a statement of its own: a cached one could be started again while this one is read
      const iterator = Effect.acquireRelease(
        attempt("executeStream", () => database.prepare(sql).iterate(...params.map(input))),
        // one that is not read to its end would hold on to what it reads
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

// rows may be large: a chunk is bounded in bytes too
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
      // the end of a process loses nothing; with the power, the last commits may go, and never a part of one
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

// Effect's own remembers each statement with its parameters, and only a collection of the whole heap forgets them
const compiler: Statement.Compiler = {
  dialect: "sqlite",
  compile: (statement, withoutTransform) => Statement.makeCompilerSqlite().compile(statement, withoutTransform),
  get withoutTransform() {
    return compiler
  }
}

/** Opens a database; `newest` is the highest migration that this version knows. */
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
      // taken at once, so that two processes that read and then write wait for each other
      beginTransaction: "BEGIN IMMEDIATE",
      driver: "node:sqlite",
      spanAttributes: []
    })
    return untraced(client)
  })

/** A layer over an opened database. */
export const layer = (options: Options, newest: number): Layer.Layer<SqlClient.SqlClient, DatabaseError> =>
  Layer.provide(Layer.effect(SqlClient.SqlClient, make(options, newest)), Reactivity.layer)
