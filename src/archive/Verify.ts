/** Verifies an archive with its own hashes and counts. Sends no requests. */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { integerAt, parseJson, stringAt } from "../schema/fields.ts"
import { isTerminal } from "../schema/Run.ts"
import { type Kind, sha256 } from "../store/Objects.ts"
import type { Sql } from "../store/Sql.ts"
import type { Database } from "./Database.ts"
import { forEachContent } from "./forEachContent.ts"
import { provideDatabase } from "./provideDatabase.ts"
import type { Problem, Shortfall } from "./Report.ts"
import * as State from "./State.ts"

/**
 * A stored object that differs from what was received.
 *
 * @category models
 * @since 0.1.0
 */
export interface Wrong {
  readonly project: string
  /** `superseded` is an older version of an object; `database` is the database file as a whole. */
  readonly kind: Kind | "superseded" | "database"
  readonly id: string
  /** The run of an output item. Items of different runs may have the same id. */
  readonly runId?: string
  readonly message: string
}

/**
 * The result of a verification.
 *
 * @category models
 * @since 0.1.0
 */
export interface Verified {
  readonly projects: ReadonlyArray<string>
  /** The number of checked objects. */
  readonly checked: { readonly [kind in Kind | "superseded"]: number } & {
    /** The number of checked bytes: texts and file contents. */
    readonly bytes: number
  }
  /** Texts and file contents that differ from what was received. */
  readonly wrong: ReadonlyArray<Wrong>
  /** Finished runs with fewer saved items than they count. */
  readonly missing: ReadonlyArray<Shortfall & { readonly project: string }>
  /** Objects that the last archive could not save. */
  readonly failed: ReadonlyArray<Problem & { readonly project: string }>
  /** Runs that had not ended when they were read. */
  readonly unfinishedRuns: ReadonlyArray<string>
  /** Whether nothing is wrong, missing or failed. */
  readonly complete: boolean
}

/** The message about a stored text or content whose hash is wrong. */
export const differs = (what: "text" | "content"): string => `its ${what} is not what was received: the hash differs`

interface Project {
  readonly project: number
  readonly name: string
}

interface Row {
  readonly id: string
  readonly run_id?: string
  readonly body: Uint8Array
  readonly sha256: string
}

interface Found {
  readonly checked: { [kind in Kind | "superseded"]: number } & { bytes: number }
  readonly wrong: Array<Wrong>
  readonly missing: Array<Shortfall & { readonly project: string }>
  readonly failed: Array<Problem & { readonly project: string }>
  readonly unfinishedRuns: Array<string>
}

const decoder = new TextDecoder()
const textOf = (body: Uint8Array): string => decoder.decode(body)

// a read that fails is reported as a finding, and the verification continues
const reading =
  (found: Found, project: string, kind: Wrong["kind"]) =>
  <R>(work: Effect.Effect<void, SqlError, R>): Effect.Effect<void, never, R> =>
    Effect.catchTag(work, "SqlError", (error) =>
      Effect.sync(() => {
        found.wrong.push({ project, kind, id: "*", message: `cannot be read: ${error.message}` })
      })
    )

const checkText = (found: Found, project: string, kind: Kind | "superseded", row: Row): void => {
  found.checked[kind]++
  found.checked.bytes += row.body.length
  if (sha256(row.body) !== row.sha256) {
    found.wrong.push({
      project,
      kind,
      id: row.id,
      ...(row.run_id === undefined ? {} : { runId: row.run_id }),
      message: differs("text")
    })
  }
}

const checkTexts = (
  found: Found,
  { name, project }: Project,
  kind: "evals" | "output_items" | "superseded"
): Sql<void, never> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = sql<Row>`
      SELECT id, CAST(body AS BLOB) AS body, sha256 ${sql.literal(kind === "output_items" ? ", run_id" : "")}
      FROM ${sql(kind)} WHERE project = ${project}`
    yield* Stream.runForEachArray(rows.stream, (some) =>
      Effect.sync(() => {
        for (const row of some) checkText(found, name, kind, row)
      })
    ).pipe(reading(found, name, kind))
  })

const checkRuns = (found: Found, { name, project }: Project): Sql<void, never> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = sql<Row & { readonly eval_id: string; readonly saved: number }>`
      SELECT id, eval_id, CAST(body AS BLOB) AS body, sha256,
        (SELECT count(*) FROM output_items i WHERE i.project = runs.project AND i.run_id = runs.id) AS saved
      FROM runs WHERE project = ${project}`
    yield* Stream.runForEachArray(rows.stream, (some) =>
      Effect.sync(() => {
        for (const row of some) {
          checkText(found, name, "runs", row)
          const run = parseJson(textOf(row.body))
          // the count in the text of the run, not the count in the state of the archive
          const total = integerAt(run, ["result_counts", "total"], 0)
          if (!isTerminal(stringAt(run, "status"))) found.unfinishedRuns.push(row.id)
          else if (row.saved < total) {
            found.missing.push({ project: name, evalId: row.eval_id, runId: row.id, saved: row.saved, total })
          }
        }
      })
    ).pipe(reading(found, name, "runs"))
  })

interface FileRow extends Row {
  readonly content_sha256: string | null
}

const checkFiles = (found: Found, { name, project }: Project): Sql<void, never> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const statedBytes = new Map<string, number>()
    // files that are reported as failed already
    const named = new Set(found.failed.flatMap(({ id, kind }) => (kind === "files" ? [id] : [])))
    const wrong = (id: string, message: string) => found.wrong.push({ project: name, kind: "files", id, message })
    yield* Stream.runForEachArray(
      sql<FileRow>`
        SELECT id, CAST(body AS BLOB) AS body, sha256, content_sha256 FROM files WHERE project = ${project}`.stream,
      (some) =>
        Effect.sync(() => {
          for (const row of some) {
            checkText(found, name, "files", row)
            if (row.content_sha256 !== null) {
              statedBytes.set(row.id, integerAt(parseJson(textOf(row.body)), ["bytes"], 0))
            } else if (!named.has(row.id)) wrong(row.id, "its content is not saved; archive again")
          }
        })
    ).pipe(reading(found, name, "files"))

    yield* forEachContent(project, {
      start: () => Effect.sync(() => ({ hash: createHash("sha256"), bytes: 0 })),
      piece: (state, content) =>
        Effect.sync(() => {
          state.hash.update(content)
          state.bytes += content.length
          found.checked.bytes += content.length
        }),
      end: ({ bytes, hash }, { content_sha256, id }) =>
        Effect.sync(() => {
          const stated = statedBytes.get(id) ?? 0
          if (hash.digest("hex") !== content_sha256) wrong(id, differs("content"))
          else if (stated > 0 && stated !== bytes && !named.has(id)) {
            wrong(id, `its content is ${bytes} bytes long, and the host says ${stated}`)
          }
        })
    }).pipe(reading(found, name, "files"))
  })

const checkProject = (found: Found, project: Project): Sql<void, never> =>
  Effect.gen(function* () {
    const named = Effect.map(State.problems(project.project), (problems) => {
      for (const problem of problems) found.failed.push({ ...problem, project: project.name })
    })
    yield* named.pipe(reading(found, project.name, "database"))
    yield* checkTexts(found, project, "evals")
    yield* checkRuns(found, project)
    yield* checkTexts(found, project, "output_items")
    yield* checkFiles(found, project)
    yield* checkTexts(found, project, "superseded")
  })

const checkPages = (found: Found): Sql<void, never> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql.unsafe<{ readonly quick_check: string }>("PRAGMA quick_check(20)")
    for (const { quick_check } of rows) {
      if (quick_check !== "ok") found.wrong.push({ project: "", kind: "database", id: "*", message: quick_check })
    }
  }).pipe(reading(found, "", "database"))

/**
 * Checks each stored text against its hash, the items of each finished run against the count of the run, and each file
 * content against its hash and size. Also returns the objects that the last archive could not save.
 *
 * **Example** (After an archive)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Database, verify } from "effect-evals/archive"
 *
 * export const program = verify().pipe(
 *   Effect.map(({ complete, wrong }) => (complete ? "all there" : `${wrong.length} objects are damaged`)),
 *   Effect.provide(Database.layer({ filename: "evals.db", readonly: true }))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const verify = (
  options: {
    /** Only this project. Default all. */
    readonly project?: string | undefined
  } = {}
): Effect.Effect<Verified, SqlError, Database> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const found: Found = {
      checked: { evals: 0, runs: 0, output_items: 0, files: 0, superseded: 0, bytes: 0 },
      wrong: [],
      missing: [],
      failed: [],
      unfinishedRuns: []
    }
    const projects = yield* sql<Project>`SELECT project, name FROM projects ORDER BY project`
    const chosen = projects.filter(({ name }) => options.project === undefined || name === options.project)
    yield* checkPages(found)
    yield* Effect.forEach(chosen, (project) => checkProject(found, project), { discard: true })
    return {
      projects: chosen.map(({ name }) => name),
      ...found,
      complete: found.wrong.length === 0 && found.missing.length === 0 && found.failed.length === 0
    }
  }).pipe(provideDatabase)
