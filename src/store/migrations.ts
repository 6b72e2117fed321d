/**
 * The tables. The same file format is used for archives of hosted projects and for the engine. Every object belongs to
 * a project, and is stored as the JSON text that is served, with columns for the lookups.
 *
 * A released migration is never changed. A new one follows it.
 */
import * as Effect from "effect/Effect"
import * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { keyItemsByRun } from "./itemsByRun.ts"
import { applicationId } from "./Sqlite.ts"
import type { Sql } from "./Sql.ts"

const object = `
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL DEFAULT '',
  origin TEXT NOT NULL,
  body TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  read_at INTEGER,
  request_id TEXT`

const first = [
  `CREATE TABLE projects (
  project INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  host TEXT,
  created_at INTEGER NOT NULL
)`,
  `CREATE TABLE evals (
  project INTEGER NOT NULL REFERENCES projects,${object},
  PRIMARY KEY (project, id)
)`,
  `CREATE TABLE runs (
  project INTEGER NOT NULL REFERENCES projects,
  eval_id TEXT NOT NULL,
  status TEXT NOT NULL,${object},
  PRIMARY KEY (project, id)
)`,
  "CREATE INDEX runs_by_eval ON runs (project, eval_id, created_at, id)",
  `CREATE TABLE output_items (
  project INTEGER NOT NULL REFERENCES projects,
  eval_id TEXT NOT NULL,
  run_id TEXT NOT NULL,
  datasource_item_id INTEGER NOT NULL,
  status TEXT NOT NULL,${object},
  PRIMARY KEY (project, run_id, datasource_item_id, id)
)`,
  "CREATE INDEX output_items_by_id ON output_items (project, id)",
  `CREATE TABLE files (
  project INTEGER NOT NULL REFERENCES projects,
  filename TEXT NOT NULL,
  purpose TEXT NOT NULL,
  bytes INTEGER,
  content_sha256 TEXT,${object},
  PRIMARY KEY (project, id)
)`,
  `CREATE TABLE file_pieces (
  project INTEGER NOT NULL REFERENCES projects,
  file_id TEXT NOT NULL,
  piece INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (project, file_id, piece)
)`,
  `CREATE TABLE superseded (
  project INTEGER NOT NULL REFERENCES projects,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  read_at INTEGER,
  request_id TEXT,
  superseded_at INTEGER NOT NULL
)`,
  "CREATE INDEX superseded_by_id ON superseded (project, kind, id)",
  `CREATE TABLE archive_runs (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  eval_id TEXT NOT NULL,
  total INTEGER NOT NULL,
  cursor TEXT,
  complete INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (project, run_id)
) WITHOUT ROWID`,
  `CREATE TABLE archive_problems (
  project INTEGER NOT NULL REFERENCES projects,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  message TEXT NOT NULL,
  seen_at INTEGER NOT NULL,
  PRIMARY KEY (project, kind, id)
) WITHOUT ROWID`
] as const

const second = [
  // null: not updated since its creation
  "ALTER TABLE evals ADD COLUMN updated_at INTEGER",
  "CREATE INDEX evals_by_creation ON evals (project, created_at, id)",
  // the file with the inline rows of a run; the body then has an empty list in their place
  "ALTER TABLE runs ADD COLUMN rows_file TEXT",
  "ALTER TABLE files ADD COLUMN expires_at INTEGER",
  "CREATE INDEX files_by_creation ON files (project, created_at, id)",
  "CREATE INDEX files_expiring ON files (expires_at) WHERE expires_at IS NOT NULL",
  // an index of the items that did not pass, which are few among many
  `CREATE INDEX output_items_not_passed ON output_items (project, run_id, datasource_item_id, id)
  WHERE status <> 'pass'`,
  `CREATE TABLE run_batches (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  first INTEGER NOT NULL,
  items INTEGER NOT NULL,
  passed INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  errored INTEGER NOT NULL,
  criteria TEXT NOT NULL,
  next_byte INTEGER NOT NULL,
  next_line INTEGER NOT NULL,
  PRIMARY KEY (project, run_id, first)
)`,
  `CREATE TABLE run_executions (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  PRIMARY KEY (project, run_id)
)`,
  `CREATE TABLE creations (
  project INTEGER NOT NULL REFERENCES projects,
  place TEXT NOT NULL,
  key TEXT NOT NULL,
  content_sha256 TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (project, place, key)
)`,
  "CREATE INDEX creations_by_content ON creations (project, place, content_sha256)",
  "CREATE INDEX creations_by_time ON creations (created_at)",
  `CREATE TABLE removals (
  project INTEGER NOT NULL REFERENCES projects,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (project, kind, id)
)`
] as const

// the error of a batch whose rows are all errored with the same cause
const third = ["ALTER TABLE run_batches ADD COLUMN cause TEXT"] as const

// the tables of the workflow engine of earlier versions: `run_executions` has everything that a resume needs
const fourth = ["cluster_replies", "cluster_messages", "cluster_migrations"].map(
  (table) => `DROP TABLE IF EXISTS ${table}`
)

// the tokens of the samples of a batch by model; null if no row states any
const sixth = ["ALTER TABLE run_batches ADD COLUMN usage TEXT"] as const

// the definition of an eval; null for archived evals and after an update
const seventh = [
  "ALTER TABLE evals ADD COLUMN definition_sha256 TEXT",
  `CREATE INDEX evals_by_definition ON evals (project, definition_sha256, created_at)
  WHERE definition_sha256 IS NOT NULL`
] as const

// the positions at which the text of an item has `null` for a copy of its sample (copies.ts); null without copies
const eighth = ["ALTER TABLE output_items ADD COLUMN copies TEXT"] as const

// of runs that ask models: rows that are finished above the first one that is not, and answers of unfinished rows
const ninth = [
  `CREATE TABLE run_rows (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  row INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  PRIMARY KEY (project, run_id, row)
) WITHOUT ROWID`,
  `CREATE TABLE model_answers (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  row INTEGER NOT NULL,
  step TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (project, run_id, row, step)
)`
] as const

// what runs spend on models, why they were stopped, the money of each day, and answers that are asked for once
const tenth = [
  `CREATE TABLE run_usage (
  project INTEGER NOT NULL REFERENCES projects,
  run_id TEXT NOT NULL,
  spent TEXT,
  since TEXT,
  ceilings TEXT,
  stopped TEXT,
  PRIMARY KEY (project, run_id)
)`,
  `CREATE TABLE model_costs (
  day TEXT NOT NULL PRIMARY KEY,
  cost REAL NOT NULL
)`,
  `CREATE TABLE model_cache (
  key TEXT NOT NULL PRIMARY KEY,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL
)`
] as const

const execute = (statements: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    for (const statement of statements) yield* sql.unsafe(statement)
  })

const migration = (id: number, name: string, change: ReadonlyArray<string> | Sql<void>): Migrator.ResolvedMigration => [
  id,
  name,
  Effect.succeed(Effect.isEffect(change) ? change : execute(change))
]

const migrations: ReadonlyArray<Migrator.ResolvedMigration> = [
  migration(1, "objects", first),
  migration(2, "engine", second),
  migration(3, "causes", third),
  migration(4, "no_cluster", fourth),
  migration(5, "items_by_run", keyItemsByRun),
  migration(6, "usage", sixth),
  migration(7, "definitions", seventh),
  migration(8, "copies", eighth),
  migration(9, "model_answers", ninth),
  migration(10, "model_usage", tenth)
]

/** The id of the newest migration. */
export const newest = Math.max(...migrations.map(([id]) => id))

/** Migrates a database to the newest version, and sets the application id. */
export const migrate: Sql<void, Migrator.MigrationError | SqlError> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  // set first: tables without the application id would be taken for those of another program
  const marks = yield* sql<{ readonly application_id: number }>`PRAGMA application_id`
  if (marks[0]?.application_id !== applicationId) yield* sql.unsafe(`PRAGMA application_id = ${applicationId}`)
  yield* Effect.withTracerEnabled(Migrator.make({})({ loader: Effect.succeed(migrations), table: "migrations" }), false)
})
