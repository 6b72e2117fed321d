/** Objects with the exact text that the host sent. They are compared by hash, and older versions are kept. */
import { hash } from "node:crypto"
import * as Chunks from "effect/Array"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Sql } from "./Sql.ts"

/** The kinds of objects. Each kind has a table of the same name. */
export const kinds = ["evals", "runs", "output_items", "files"] as const
/** A kind of object. */
export type Kind = (typeof kinds)[number]

/** An object to be stored. */
export interface Received {
  readonly id: string
  /** Unix seconds. */
  readonly createdAt: number
  /** The columns of its kind, such as `eval_id` and `status`. */
  readonly columns: { readonly [column: string]: string | number | null }
  /** The JSON as it was received, in UTF-8. */
  readonly body: Uint8Array
  readonly requestId: string | undefined
}

/** The number of stored objects by outcome. */
export interface Outcome {
  readonly saved: number
  readonly unchanged: number
  readonly changed: number
}

/** The number of rows in one statement: a page, far below the parameter limit of SQLite. */
const insertedAtOnce = 100

/** No objects. */
export const noOutcome: Outcome = { saved: 0, unchanged: 0, changed: 0 }

/** Returns the SHA-256 hash of a text in UTF-8, or of bytes, in hexadecimal. */
export const sha256 = (content: Uint8Array | string): string => hash("sha256", content)

/** Finds a project by its name, or creates it. */
export const project = (name: string, host: string | null, now: number): Sql<number> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO projects (name, host, created_at) VALUES (${name}, ${host}, ${now}) ON CONFLICT (name) DO NOTHING`
    const found = yield* sql<{ readonly project: number }>`SELECT project FROM projects WHERE name = ${name}`
    return found[0]?.project ?? 0
  })

// SQL texts are cached: building a long one, and looking it up among the prepared statements, takes longer than its
// rows
const texts = new Map<string, string>()

const cached = (key: string, make: () => string): string => {
  const known = texts.get(key)
  if (known !== undefined) return known
  const made = make()
  texts.set(key, made)
  return made
}

const marks = (count: number): string => Array.from({ length: count }, () => "?").join(", ")

/**
 * The column that completes the key. The id of an output item is unique within its run only; other ids are unique
 * within the project.
 */
const ownerColumn = (kind: Kind): string => (kind === "output_items" ? "run_id" : "''")

const ownerOf = (kind: Kind, { columns }: Received): string =>
  kind === "output_items" ? String(columns["run_id"] ?? "") : ""

const selectText = (kind: Kind, count: number): string =>
  cached(
    `select ${kind} ${count}`,
    () => `SELECT ${ownerColumn(kind)} AS owner, id, sha256 FROM ${kind} WHERE project = ? AND id IN (${marks(count)})`
  )

// ?1 is the project and ?2 the time, for all rows. The body is bound as bytes, so that the text is stored exactly as
// received.
const insertText = (kind: Kind, columns: ReadonlyArray<string>, count: number): string =>
  cached(`insert ${kind} ${columns.join()} ${count}`, () => {
    const names = ["project", "read_at", "origin", "id", "created_at", "sha256", "request_id", ...columns, "body"]
    const row = `(?1, ?2, 'archive', ${marks(names.length - 4)}, CAST(? AS TEXT))`
    return `INSERT INTO ${kind} (${names.join(", ")}) VALUES ${Array.from({ length: count }, () => row).join(", ")}`
  })

/**
 * Stores objects of one kind in one transaction. An unchanged object is not written. A changed object replaces the
 * older version, which moves to `superseded`.
 */
export const put = (kind: Kind, projectId: number, objects: ReadonlyArray<Received>, now: number): Sql<Outcome> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    if (objects.length === 0) return noOutcome
    const known = yield* sql.unsafe<{ readonly owner: string; readonly id: string; readonly sha256: string }>(
      selectText(kind, objects.length),
      [projectId, ...objects.map((object) => object.id)]
    )
    const keyOf = (owner: string, id: string): string => JSON.stringify([owner, id])
    const hashes = new Map(known.map((row) => [keyOf(row.owner, row.id), row.sha256]))
    const fresh = new Map<string, { readonly object: Received; readonly hash: string }>()
    const replaced = new Map<string, Received>()
    for (const object of objects) {
      const hash = sha256(object.body)
      const key = keyOf(ownerOf(kind, object), object.id)
      const before = hashes.get(key)
      if (before === hash) continue
      if (before !== undefined) replaced.set(key, object)
      fresh.set(key, { object, hash })
    }
    for (const object of replaced.values()) {
      const run = kind === "output_items" ? ownerOf(kind, object) : null
      // the unary plus makes SQLite use the index of ids
      const that = sql.and([
        sql`project = ${projectId}`,
        sql`id = ${object.id}`,
        ...(run === null ? [] : [sql`+run_id = ${run}`])
      ])
      yield* sql`
        INSERT INTO superseded (project, kind, run_id, id, body, sha256, read_at, request_id, superseded_at)
        SELECT project, ${kind}, ${run}, id, body, sha256, read_at, request_id, ${now} FROM ${sql(kind)} WHERE ${that}`
      yield* sql`DELETE FROM ${sql(kind)} WHERE ${that}`
    }
    for (const rows of Chunks.chunksOf(fresh.values(), insertedAtOnce)) {
      const columns = Object.keys(rows[0].object.columns)
      const values: Array<unknown> = [projectId, now]
      for (const { hash, object } of rows) {
        values.push(object.id, object.createdAt, hash, object.requestId ?? null)
        for (const column of columns) values.push(object.columns[column] ?? null)
        values.push(object.body)
      }
      yield* sql.unsafe(insertText(kind, columns, rows.length), values)
    }
    return {
      saved: fresh.size - replaced.size,
      changed: replaced.size,
      unchanged: objects.length - fresh.size
    }
  })
