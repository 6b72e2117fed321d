/**
 * Writes an archive as plain files that any program can read.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { withCopies } from "../store/copies.ts"
import { type Kind, kinds, sha256 } from "../store/Objects.ts"
import type { Database } from "./Database.ts"
import { ExportError, notWritten } from "./ExportError.ts"
import * as Output from "./Output.ts"
import { provideDatabase } from "./provideDatabase.ts"
import type { Wrong } from "./Verify.ts"

export type { Written } from "./Output.ts"

/**
 * The part of an export that belongs to one project.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProjectExport {
  readonly name: string
  readonly host: string | null
  /** Where its files are, below the folder of the export: empty where it is the only project. */
  readonly folder: string
  readonly evals: number
  readonly runs: number
  readonly output_items: number
  readonly files: number
  /** Contents of files. */
  readonly contents: number
  /** Older texts of objects that changed between two archives. */
  readonly superseded: number
  /** Objects whose text has line breaks: exact in `multiline`. */
  readonly multiline: number
}

/**
 * The manifest of an export, which `manifest.json` holds too.
 *
 * @category models
 * @since 0.1.0
 */
export interface Manifest {
  readonly format: "effect-evals-export"
  readonly version: 1
  /** Unix seconds. */
  readonly exported_at: number
  readonly projects: ReadonlyArray<ProjectExport>
  /** Every file that was written, but for the manifest. */
  readonly files: ReadonlyArray<Output.Written>
  /** Texts and contents that are not what was received; they are written as they are. */
  readonly problems: ReadonlyArray<Wrong>
}

type Needs = SqlClient.SqlClient | FileSystem.FileSystem | Path.Path

interface Project {
  readonly project: number
  readonly name: string
  readonly host: string | null
}

interface Row {
  readonly id: string
  /** The run of an item; null of an older text whose run is not known. */
  readonly run_id?: string | null
  /** Where an item shows its sample again. */
  readonly copies?: string | null
  readonly body: Uint8Array
  readonly sha256: string
  readonly read_at: number | null
  readonly request_id: string | null
  readonly superseded_at?: number
  readonly filename?: string
  readonly content_sha256?: string | null
}

interface Work {
  readonly out: string
  readonly folder: string
  readonly project: Project
  readonly written: Array<Output.Written>
  readonly problems: Array<Wrong>
  readonly counts: Record<Exclude<keyof ProjectExport, "name" | "host" | "folder">, number>
  /** Where each file's content is written, by the file's id. */
  readonly contents: Map<string, string>
  /** The folders that those are in, in lower case: some file systems know no other. */
  readonly taken: Set<string>
}

type Writing<A> = Effect.Effect<A, SqlError | ExportError, Needs>
type InScope<A> = Effect.Effect<A, SqlError | ExportError, Needs | Scope.Scope>

const open = (work: Work, name: string) => Output.open(work.out, work.folder === "" ? name : `${work.folder}/${name}`)

const finish = (work: Work, output: Output.Output) =>
  Effect.map(output.finish, (written) => void work.written.push(written))

const lineFeed = 0x0a
const carriageReturn = 0x0d
const newLine = new Uint8Array([lineFeed])

/**
 * A text on one line. In JSON a line break can only stand between tokens, so a
 * space in its place changes no value.
 */
const onOneLine = (body: Uint8Array): Uint8Array | undefined =>
  body.includes(lineFeed) || body.includes(carriageReturn)
    ? body.map((byte) => (byte === lineFeed || byte === carriageReturn ? 0x20 : byte))
    : undefined

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

// a file that an earlier version wrote, and that is opened for reading alone, lacks columns: the run of an older text,
// and the places of copies in an item
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

const contentPath = (work: Work, id: string, filename: string): string => {
  const folder = Output.safeName(id, "file")
  let own = folder
  for (let n = 2; work.taken.has(own.toLowerCase()); n++) own = `${folder}~${n}`
  work.taken.add(own.toLowerCase())
  const path = `files/${own}/${Output.safeName(filename, "content")}`
  work.contents.set(id, path)
  return path
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const indexLine = (value: object): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`)

const writeObjects = (work: Work, index: Output.Output, kind: Kind, superseded: boolean): InScope<void> =>
  Effect.gen(function* () {
    const folder = superseded ? "superseded/" : ""
    const lines = superseded ? undefined : yield* open(work, `${kind}.jsonl`)
    let output = lines
    let exact: Output.Output | undefined
    let line = 0
    const writeRow = (row: Row) =>
      Effect.gen(function* () {
        output ??= yield* open(work, `${folder}${kind}.jsonl`)
        const { body: stored, content_sha256: content, copies, filename, superseded_at, ...others } = row
        const body = typeof copies === "string" ? encoder.encode(withCopies(decoder.decode(stored), copies)) : stored
        const noted = body === stored ? others : { ...others, sha256: sha256(body) }
        const single = onOneLine(body)
        let multiline: object = {}
        if (single !== undefined) {
          exact ??= yield* open(work, `multiline/${folder}${kind}.json`)
          multiline = {
            exact: { file: `multiline/${folder}${kind}.json`, offset: exact.position(), bytes: body.length }
          }
          yield* exact.write(body)
          yield* exact.write(newLine)
          work.counts.multiline++
        }
        yield* output.write(single ?? body)
        yield* output.write(newLine)
        if (sha256(stored) !== row.sha256) {
          const message = "its text is not what was received: the hash differs"
          const run = typeof row.run_id === "string" ? { runId: row.run_id } : {}
          work.problems.push({ project: work.project.name, kind, id: row.id, ...run, message })
        }
        yield* index.write(
          indexLine({
            kind,
            project: work.project.name,
            ...noted,
            file: `${folder}${kind}.jsonl`,
            line: ++line,
            ...multiline,
            ...(superseded_at === undefined ? {} : { superseded_at }),
            ...(typeof content === "string"
              ? { content: { file: contentPath(work, row.id, filename ?? ""), sha256: content } }
              : {})
          })
        )
        work.counts[superseded ? "superseded" : kind]++
      })
    yield* Stream.runForEach((yield* rowsOf(kind, work.project.project, superseded)).stream, writeRow)
    if (output !== undefined) yield* finish(work, output)
    if (exact !== undefined) yield* finish(work, exact)
  })

interface PieceRow {
  readonly id: string
  readonly content_sha256: string
  readonly content: Uint8Array
}

const writeContents = (work: Work): InScope<void> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    let current: { readonly row: PieceRow; readonly output: Output.Output } | undefined
    const end = Effect.suspend(() => {
      if (current === undefined) return Effect.void
      const { output, row } = current
      current = undefined
      return Effect.map(output.finish, (written) => {
        work.written.push(written)
        work.counts.contents++
        if (written.sha256 !== row.content_sha256) {
          const message = "its content is not what was received: the hash differs"
          work.problems.push({ project: work.project.name, kind: "files", id: row.id, message })
        }
      })
    })
    // a file of no bytes has no piece, and is written as well
    const rows = sql<PieceRow>`
      SELECT files.id AS id, content_sha256, coalesce(content, x'') AS content
      FROM files LEFT JOIN file_pieces ON file_pieces.project = files.project AND file_id = files.id
      WHERE files.project = ${work.project.project} AND content_sha256 IS NOT NULL ORDER BY files.id, piece`
    yield* Stream.runForEach(rows.stream, (row) =>
      Effect.gen(function* () {
        if (current?.row.id !== row.id) {
          yield* end
          current = { row, output: yield* open(work, work.contents.get(row.id) ?? `files/${sha256(row.content)}`) }
        }
        yield* current.output.write(row.content)
      })
    )
    yield* end
  })

const writeProject = (work: Work): Writing<ProjectExport> =>
  Effect.scoped(
    Effect.gen(function* () {
      const index = yield* open(work, "index.jsonl")
      for (const kind of kinds) yield* writeObjects(work, index, kind, false)
      for (const kind of kinds) yield* writeObjects(work, index, kind, true)
      yield* finish(work, index)
      yield* Effect.scoped(writeContents(work))
      return { name: work.project.name, host: work.project.host, folder: work.folder, ...work.counts }
    })
  )

/** The projects of a file; one that is asked for must be among them. */
export const projectsOf = (
  name: string | undefined
): Effect.Effect<ReadonlyArray<Project>, SqlError | ExportError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const all = yield* sql<Project>`SELECT project, name, host FROM projects ORDER BY project`
    const chosen = all.filter((project) => name === undefined || project.name === name)
    if (chosen.length > 0) return chosen
    const names = all.map((project) => project.name).join(", ")
    return yield* new ExportError({
      reason: "NoProject",
      message:
        all.length === 0
          ? "nothing was archived into this file yet"
          : `there is no project ${name} in this file; it holds ${names}`
    })
  })

const prepare = (out: string, force: boolean) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const manifest = path.join(out, "manifest.json")
    yield* Effect.mapError(fs.makeDirectory(out, { recursive: true }), notWritten(out))
    if (!force && (yield* Effect.mapError(fs.readDirectory(out), notWritten(out))).length > 0) {
      return yield* new ExportError({
        reason: "NotEmpty",
        message: `${out} is not empty; name another folder, or say --force (option force) to write over it`
      })
    }
    // an export that stops half-way must not look like the one before
    yield* Effect.mapError(fs.remove(manifest, { force: true }), notWritten(manifest))
  })

/**
 * Writes an archive as files: a line of JSON for each object, in a file for each
 * kind, beside the contents of files, older versions, and a manifest with the hash
 * of everything written. `docs/archive.md` describes them. Memory stays flat.
 *
 * **Example** (Into a folder)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Database, exportTo } from "effect-evals/archive"
 *
 * export const program = exportTo({ out: "export" }).pipe(
 *   Effect.provide(Database.layer({ filename: "evals.db", readonly: true })),
 *   Effect.provide(NodeServices.layer)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exportTo = (options: {
  /** The folder, which is made where it does not exist. */
  readonly out: string
  /** Only this project, directly in the folder. Default all, each in a folder of its own where there are several. */
  readonly project?: string | undefined
  /** Whether to write into a folder that is not empty. */
  readonly force?: boolean | undefined
}): Effect.Effect<Manifest, ExportError | SqlError, Database | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const projects = yield* projectsOf(options.project)
    yield* prepare(options.out, options.force ?? false)
    const written: Array<Output.Written> = []
    const problems: Array<Wrong> = []
    const exported: Array<ProjectExport> = []
    for (const project of projects) {
      const work: Work = {
        out: options.out,
        folder: projects.length === 1 ? "" : `${project.project}-${Output.safeName(project.name, "project")}`,
        project,
        written,
        problems,
        counts: { evals: 0, runs: 0, output_items: 0, files: 0, contents: 0, superseded: 0, multiline: 0 },
        contents: new Map(),
        taken: new Set()
      }
      exported.push(yield* writeProject(work))
    }
    const manifest: Manifest = {
      format: "effect-evals-export",
      version: 1,
      exported_at: Math.floor((yield* Clock.currentTimeMillis) / 1000),
      projects: exported,
      files: written,
      problems
    }
    yield* Effect.scoped(
      Effect.gen(function* () {
        const output = yield* Output.open(options.out, "manifest.json")
        yield* output.write(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`))
        yield* output.finish
      })
    )
    return manifest
  }).pipe(provideDatabase)
