/**
 * Exports the objects of a project as lines of JSON.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { carriageReturn, lineFeed, withoutLineBreak } from "../schema/bytes.ts"
import { withCopies } from "../store/copies.ts"
import { type Kind, sha256 } from "../store/Objects.ts"
import type { ExportError } from "./ExportError.ts"
import type * as Output from "./Output.ts"
import type { ProjectFiles } from "./ProjectFiles.ts"
import { differs } from "./Verify.ts"

interface Row {
  readonly id: string
  /** The run of an output item. Null for an older version whose run is unknown. */
  readonly run_id?: string | null
  /** The positions at which an output item repeats its sample, which is stored once. */
  readonly copies?: string | null
  readonly body: Uint8Array
  readonly sha256: string
  readonly read_at: number | null
  readonly request_id: string | null
  readonly superseded_at?: number
  readonly filename?: string
  readonly content_sha256?: string | null
}

const newLine = new Uint8Array([lineFeed])

// undefined if the text is on one line already
const onOneLine = (body: Uint8Array): Uint8Array | undefined =>
  body.includes(lineFeed) || body.includes(carriageReturn) ? body.map(withoutLineBreak) : undefined

const orders: { readonly [kind in Kind]: string } = {
  evals: "id",
  runs: "id",
  output_items: "run_id, datasource_item_id, id",
  files: "id"
}

const ownColumns: { readonly [kind in Kind]: string } = {
  evals: "",
  runs: "",
  output_items: ", run_id",
  files: ", filename, content_sha256"
}

// columns of newer versions: a database of an earlier version that is opened read-only does not have them
const hasColumn = (table: string, name: string) =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.map(sql`SELECT name FROM pragma_table_info(${table}) WHERE name = ${name}`, (columns) => columns.length > 0)
  )

const rowsOf = (kind: Kind, project: number, superseded: boolean) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    return superseded
      ? sql<Row>`
          SELECT id, CAST(body AS BLOB) AS body, sha256, read_at, request_id, superseded_at
            ${sql.literal(kind === "output_items" && (yield* hasColumn("superseded", "run_id")) ? ", run_id" : "")} FROM superseded
          WHERE project = ${project} AND kind = ${kind} ORDER BY id, superseded_at, rowid`
      : sql<Row>`
          SELECT id, CAST(body AS BLOB) AS body, sha256, read_at, request_id ${sql.literal(ownColumns[kind])}
            ${sql.literal(kind === "output_items" && (yield* hasColumn("output_items", "copies")) ? ", copies" : "")}
          FROM ${sql(kind)} WHERE project = ${project} ORDER BY ${sql.literal(orders[kind])}`
  })

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const indexLine = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`)

/**
 * Writes the objects of a kind as lines of JSON, and a line in the index for each. `superseded` selects the older
 * versions instead of the current ones.
 */
export const exportObjects = (
  files: ProjectFiles,
  index: Output.Output,
  kind: Kind,
  superseded: boolean
): Effect.Effect<void, SqlError | ExportError, SqlClient.SqlClient | FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const folder = superseded ? "superseded/" : ""
    const lines = superseded ? undefined : yield* files.open(`${kind}.jsonl`)
    let output = lines
    let exact: Output.Output | undefined
    let line = 0
    const writeRow = (row: Row) =>
      Effect.gen(function* () {
        output ??= yield* files.open(`${folder}${kind}.jsonl`)
        const { body: stored, content_sha256: content, copies, filename, superseded_at, ...others } = row
        const body = typeof copies === "string" ? encoder.encode(withCopies(decoder.decode(stored), copies)) : stored
        const noted = body === stored ? others : { ...others, sha256: sha256(body) }
        const single = onOneLine(body)
        let multiline: object = {}
        if (single !== undefined) {
          exact ??= yield* files.open(`multiline/${folder}${kind}.json`)
          multiline = {
            exact: { file: `multiline/${folder}${kind}.json`, offset: exact.position(), bytes: body.length }
          }
          yield* exact.write(body)
          yield* exact.write(newLine)
          files.counts.multiline++
        }
        yield* output.write(single ?? body)
        yield* output.write(newLine)
        if (sha256(stored) !== row.sha256) {
          const run = typeof row.run_id === "string" ? { runId: row.run_id } : {}
          files.problem({ kind, id: row.id, ...run, message: differs("text") })
        }
        yield* index.write(
          indexLine({
            kind,
            project: files.project.name,
            ...noted,
            file: `${folder}${kind}.jsonl`,
            line: ++line,
            ...multiline,
            ...(superseded_at === undefined ? {} : { superseded_at }),
            ...(typeof content === "string"
              ? { content: { file: files.contentPath(row.id, filename ?? ""), sha256: content } }
              : {})
          })
        )
        files.counts[superseded ? "superseded" : kind]++
      })
    yield* Stream.runForEach((yield* rowsOf(kind, files.project.project, superseded)).stream, writeRow)
    if (output !== undefined) yield* files.finish(output)
    if (exact !== undefined) yield* files.finish(exact)
  })
