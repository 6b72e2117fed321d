/** Reads an archive's file with plain SQLite, and compares it with what the host sent. */
import { createHash } from "node:crypto"
import { DatabaseSync } from "node:sqlite"
import type { Project } from "../../support/host/project.ts"

type Row = Readonly<Record<string, unknown>>

/** Rows of a query over a file that is opened for it. */
export const rows = (filename: string, sql: string, ...params: ReadonlyArray<string | number>): ReadonlyArray<Row> => {
  const database = new DatabaseSync(filename, { readOnly: true })
  try {
    return database.prepare(sql).all(...params)
  } finally {
    database.close()
  }
}

/** How many items are stored so far, by whatever process. */
export const itemCount = (filename: string): number => {
  try {
    return Number(rows(filename, "SELECT count(*) AS n FROM output_items")[0]?.["n"])
  } catch {
    // the file, or its tables, are still to come
    return 0
  }
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const tables = [
  "projects",
  "evals",
  "runs",
  "output_items",
  "files",
  "file_pieces",
  "superseded",
  "archive_runs",
  "archive_problems"
]

const written = (row: Row): string =>
  JSON.stringify(
    Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? sha256(value) : value])
  )

/** All rows of all tables, a line each, so that any change shows. */
export const everything = (filename: string): ReadonlyArray<string> =>
  tables.flatMap((table) =>
    rows(filename, `SELECT * FROM ${table}`)
      .map((row) => `${table} ${written(row)}`)
      .toSorted()
  )

/** What is to be stored: everything of a project that passes. */
export interface Expected {
  readonly age?: number
  readonly evals?: (index: number) => boolean
  readonly runs?: (index: number) => boolean
  readonly items?: (run: number, item: number) => boolean
  readonly files?: (index: number) => boolean
  readonly contents?: (index: number) => boolean
}

interface Wanted {
  readonly text: string
  readonly columns: Row
}

const range = (count: number) => Array.from({ length: count }, (_, index) => index)
const always = () => true

const wantedOf = (project: Project, expected: Expected): Readonly<Record<string, Map<string, Wanted>>> => {
  const { age = 0 } = expected
  const perEval = project.shape.runs.length
  const runs = range(project.runs).filter(
    (run) => (expected.evals ?? always)(Math.floor(run / perEval)) && (expected.runs ?? always)(run)
  )
  const evalOf = (run: number) => project.evalId(Math.floor(run / perEval))
  return {
    evals: new Map(
      range(project.shape.evals)
        .filter(expected.evals ?? always)
        .map((index) => [project.evalId(index), { text: project.evalText(index, age), columns: {} }])
    ),
    runs: new Map(
      runs.map((run) => [
        project.runId(run),
        { text: project.runText(run, age), columns: { eval_id: evalOf(run), status: project.status(run, age) } }
      ])
    ),
    output_items: new Map(
      runs.flatMap((run) =>
        range(project.total(run, age))
          .filter((item) => (expected.items ?? always)(run, item))
          .map((item): readonly [string, Wanted] => [
            `${project.itemId(run, item)} of ${project.runId(run)}`,
            {
              text: project.itemText(run, item),
              columns: {
                eval_id: evalOf(run),
                run_id: project.runId(run),
                datasource_item_id: item,
                status: project.passes(run, item) ? "pass" : "fail"
              }
            }
          ])
      )
    ),
    files: new Map(
      range(project.shape.files ?? 0)
        .filter(expected.files ?? always)
        .map((index) => [
          project.fileId(index),
          {
            text: project.fileText(index),
            columns: { purpose: project.purpose(index), bytes: project.fileSize(index) }
          }
        ])
    )
  }
}

/** Where the file differs from what the host sent: ids that are missing or too many, texts and columns that are not the same. */
export const differences = (
  filename: string,
  project: Project,
  expected: Expected = {},
  name = "default"
): ReadonlyArray<string> => {
  const database = new DatabaseSync(filename, { readOnly: true })
  const found: Array<string> = []
  try {
    for (const [table, wanted] of Object.entries(wantedOf(project, expected))) {
      const stored = database
        .prepare(
          `SELECT t.*, CAST(t.body AS BLOB) AS sent, typeof(t.body) AS type
           FROM ${table} t JOIN projects p USING (project) WHERE p.name = ?`
        )
        .iterate(name)
      for (const row of stored) {
        // items of two runs may have the same id
        const id = table === "output_items" ? `${String(row["id"])} of ${String(row["run_id"])}` : String(row["id"])
        const { sent } = row
        const of = wanted.get(id)
        // one that stands there twice is not wanted the second time
        wanted.delete(id)
        if (of === undefined) found.push(`${table} ${id} is too many`)
        else if (row["type"] !== "text" || !(sent instanceof Uint8Array)) found.push(`${table} ${id} is no text`)
        else if (!Buffer.from(of.text).equals(sent))
          found.push(`${table} ${id} differs: ${Buffer.from(sent).toString()}`)
        else if (row["sha256"] !== sha256(sent)) found.push(`${table} ${id} has another hash`)
        else {
          for (const [column, value] of Object.entries(of.columns)) {
            if (row[column] !== value)
              found.push(`${table} ${id} ${column} is ${String(row[column])}, not ${String(value)}`)
          }
        }
      }
      for (const id of wanted.keys()) found.push(`${table} ${id} is missing`)
    }
    const pieces = database.prepare(
      `SELECT content, content_sha256 FROM files f JOIN projects p USING (project)
       LEFT JOIN file_pieces c ON c.project = f.project AND c.file_id = f.id WHERE p.name = ? AND f.id = ? ORDER BY piece`
    )
    for (const index of range(project.shape.files ?? 0).filter(expected.contents ?? expected.files ?? always)) {
      const got = pieces.all(name, project.fileId(index))
      if (typeof got[0]?.["content_sha256"] !== "string") {
        found.push(`content of file ${index} is missing`)
        continue
      }
      const content = Buffer.concat(
        got.map((row) => (row["content"] instanceof Uint8Array ? row["content"] : Buffer.alloc(0)))
      )
      const sent = Buffer.concat([...project.fileContent(index)])
      if (!content.equals(sent))
        found.push(`content of file ${index} differs: ${content.length} of ${sent.length} bytes`)
      else if (got[0]?.["content_sha256"] !== sha256(sent)) found.push(`content of file ${index} has another hash`)
    }
  } finally {
    database.close()
  }
  return found
}
