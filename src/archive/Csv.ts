/** Exports the output items of a run as a table. */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { Database } from "./Database.ts"
import { ExportError, notWritten } from "./ExportError.ts"
import * as Output from "./Output.ts"
import { parseExact, printExact } from "../schema/exactJson.ts"
import { at, stringAt } from "../schema/fields.ts"
import { provideDatabaseToStream } from "./provideDatabase.ts"

/**
 * Options of a CSV export.
 *
 * @category options
 * @since 0.1.0
 */
export interface CsvOptions {
  readonly runId: string
  /** The project of the run. Required if several projects in the database have a run with this id. */
  readonly project?: string | undefined
  /** Whether the text starts with a byte order mark. Excel needs it to recognise UTF-8. Default false. */
  readonly bom?: boolean | undefined
}

const decoder = new TextDecoder()

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const byteOrderMark = "\uFEFF"

interface Columns {
  readonly fields: ReadonlyArray<string>
  /** The ids of the criteria, with their names in the header. */
  readonly criteria: ReadonlyArray<readonly [id: string, name: string]>
}

const numeric = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/**
 * Formats a cell after RFC 4180. A text that a spreadsheet would evaluate as a formula gets an apostrophe in front.
 * Numbers do not.
 */
export const cell = (value: string): string => {
  const guarded = /^[=+\-@\t\r]/.test(value) && !numeric.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded
}

const row = (cells: ReadonlyArray<string>): string => `${cells.map(cell).join(",")}\r\n`

const wordsOf = (value: unknown): string =>
  value === undefined || value === null ? "" : typeof value === "string" ? value : printExact(value)

// the content of a message is a string, or a list of parts
const contentOf = (message: unknown): string => {
  const content = at(message, "content")
  if (!Array.isArray(content)) return wordsOf(content)
  return list(content)
    .map((part) => (typeof part === "string" ? part : stringAt(part, "text")))
    .filter((part) => part !== "")
    .join("\n")
}

const outputText = (item: unknown): string =>
  list(at(item, "sample", "output"))
    .map(contentOf)
    .filter((part) => part !== "")
    .join("\n")

const uuidAtEnd = /-[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/i

// the id of a criterion is its name and a UUID; the column has the name alone if the name is unique
const named = (ids: ReadonlyArray<string>): Columns["criteria"] => {
  const short = ids.map((id) => id.replace(uuidAtEnd, ""))
  return ids.map((id, index) => {
    const name = short[index] ?? ""
    return [id, name === "" || short.filter((other) => other === name).length > 1 ? id : name]
  })
}

const cellsOf = (item: unknown, columns: Columns): ReadonlyArray<string> => {
  const results = new Map(list(at(item, "results")).map((result) => [stringAt(result, "name"), result]))
  return [
    wordsOf(at(item, "datasource_item_id")),
    stringAt(item, "id"),
    stringAt(item, "status"),
    ...columns.fields.map((field) => wordsOf(at(item, "datasource_item", field))),
    outputText(item),
    ...columns.criteria.flatMap(([id]) => [
      wordsOf(at(results.get(id), "score")),
      wordsOf(at(results.get(id), "passed"))
    ])
  ]
}

const header = (columns: Columns): ReadonlyArray<string> => [
  "datasource_item_id",
  "id",
  "status",
  ...columns.fields.map((field) => `item.${field}`),
  "output_text",
  ...columns.criteria.flatMap(([, name]) => [`${name} score`, `${name} passed`])
]

const projectOf = (options: CsvOptions) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found = yield* sql<{ readonly project: number; readonly name: string }>`
      SELECT project, name FROM runs JOIN projects USING (project) WHERE id = ${options.runId} ORDER BY project`
    const chosen = found.filter(({ name }) => options.project === undefined || name === options.project)
    const [first] = chosen
    if (first === undefined) {
      const where = options.project === undefined ? "this file" : `project ${options.project}`
      return yield* new ExportError({
        reason: "NoRun",
        message: `there is no run ${options.runId} in ${where}; the runs are listed in table runs, and in runs.jsonl of an export`
      })
    }
    if (chosen.length > 1) {
      const names = chosen.map(({ name }) => name).join(", ")
      return yield* new ExportError({
        reason: "SeveralProjects",
        message: `several projects have a run ${options.runId}: say which with --project (option project): ${names}`
      })
    }
    return first.project
  })

const itemsOf = (project: number, runId: string) =>
  Stream.unwrap(
    SqlClient.SqlClient.useSync((sql) =>
      sql<{ readonly body: Uint8Array }>`
        SELECT CAST(body AS BLOB) AS body FROM output_items WHERE project = ${project} AND run_id = ${runId}
        ORDER BY datasource_item_id, id`.stream.pipe(Stream.map(({ body }) => parseExact(decoder.decode(body))))
    )
  )

// items may have different fields: all items are read once to find the columns
const columnsOf = (project: number, runId: string) =>
  Effect.gen(function* () {
    const fields = new Set<string>()
    const criteria = new Set<string>()
    yield* Stream.runForEach(itemsOf(project, runId), (item) =>
      Effect.sync(() => {
        const source = at(item, "datasource_item")
        if (typeof source === "object" && source !== null) for (const key of Object.keys(source)) fields.add(key)
        for (const result of list(at(item, "results"))) criteria.add(stringAt(result, "name"))
      })
    )
    return { fields: [...fields], criteria: named([...criteria]) }
  })

/**
 * Streams the output items of a run as CSV (RFC 4180), line by line. The columns are `datasource_item_id`, `id`,
 * `status`, `item.…` for each field of the row, `output_text`, and the score and the result of each criterion.
 *
 * Numbers keep the digits of the host. Lists and objects are written as JSON. A text that a spreadsheet would evaluate
 * as a formula gets an apostrophe in front.
 *
 * **Example** (The first lines)
 *
 * ```ts
 * import { Stream } from "effect"
 * import { csv } from "effect-evals/archive"
 *
 * export const head = csv({ runId: "evalrun_1" }).pipe(Stream.take(10), Stream.mkString)
 * ```
 *
 * @category streams
 * @since 0.1.0
 */
export const csv = (options: CsvOptions): Stream.Stream<string, ExportError | SqlError, Database> =>
  Stream.unwrap(
    Effect.gen(function* () {
      const project = yield* projectOf(options)
      const columns = yield* columnsOf(project, options.runId)
      return Stream.concat(
        Stream.succeed(`${options.bom === true ? byteOrderMark : ""}${row(header(columns))}`),
        Stream.map(itemsOf(project, options.runId), (item) => row(cellsOf(item, columns)))
      )
    })
  ).pipe(provideDatabaseToStream)

/**
 * Writes the output items of a run to a CSV file.
 *
 * **Example** (One run)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Database, exportCsv } from "effect-evals/archive"
 *
 * export const program = exportCsv({ runId: "evalrun_1", out: "run.csv" }).pipe(
 *   Effect.provide(Database.layer({ filename: "evals.db", readonly: true })),
 *   Effect.provide(NodeServices.layer)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exportCsv = (
  options: CsvOptions & {
    readonly out: string
    /** Whether an existing file may be overwritten. Default false. */
    readonly force?: boolean | undefined
  }
): Effect.Effect<Output.Written, ExportError | SqlError, Database | FileSystem.FileSystem | Path.Path> =>
  Effect.scoped(
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const found = yield* Effect.catchReason(fs.stat(options.out), "PlatformError", "NotFound", () =>
        Effect.succeed(undefined)
      ).pipe(Effect.mapError(notWritten(options.out)))
      if (found !== undefined && found.type !== "File") {
        return yield* new ExportError({
          reason: "Exists",
          message: `${options.out} is no file that can be written over; name another, or none for standard output`
        })
      }
      if (options.force !== true && found !== undefined) {
        return yield* new ExportError({
          reason: "Exists",
          message: `${options.out} exists; name another file, or say --force (option force) to write over it`
        })
      }
      const output = yield* Output.open(path.dirname(options.out), path.basename(options.out))
      yield* Stream.runForEach(csv(options), (line) => output.write(Buffer.from(line)))
      return yield* output.finish
    })
  )
