/** Fills an archive's file with texts of a test's choice, without a host. */
import { NodeServices } from "@effect/platform-node"
import { Effect, type FileSystem, Layer, type Path, type Scope } from "effect"
import * as Database from "./database.ts"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import * as Objects from "../../../src/store/Objects.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

/** An object to be stored: its id, its text, and columns of its kind. */
export interface Given {
  readonly kind: Objects.Kind
  readonly id: string
  readonly text: string | Uint8Array
  readonly columns?: Objects.Received["columns"]
}

/** The text of an item of a run, with fields of the test's choice. */
export const item = (runId: string, row: number, fields: string): Given => ({
  kind: "output_items",
  id: `outputitem_${runId}_${row}`,
  text: `{"id":"outputitem_${runId}_${row}","datasource_item_id":${row},"status":"pass",${fields}}`,
  columns: { eval_id: "eval_1", run_id: runId, datasource_item_id: row, status: "pass" }
})

/** A run that counts items. */
export const run = (id: string, total: number, status = "completed"): Given => ({
  kind: "runs",
  id,
  text: `{"id":"${id}","status":"${status}","result_counts":{"total":${total}}}`,
  columns: { eval_id: "eval_1", status }
})

/** An eval with a text of the test's choice. */
export const evaluation = (id: string, text = `{"id":"${id}"}`): Given => ({ kind: "evals", id, text, columns: {} })

/** Stores objects of a project, one after the other. */
export const store = (project: string, given: ReadonlyArray<Given>, now = 100) =>
  Effect.gen(function* () {
    const number = yield* Objects.project(project, "http://host", 1)
    for (const { columns = {}, id, kind, text } of given) {
      const body = typeof text === "string" ? bytes(text) : text
      yield* Objects.put(kind, number, [{ id, createdAt: 1, columns, body, requestId: `req_${id}` }], now)
    }
  })

/** Stores a file with its content, in pieces. */
export const storeFile = (project: string, id: string, filename: string, pieces: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const content = pieces.join("")
    const text = `{"id":"${id}","filename":${JSON.stringify(filename)},"bytes":${content.length}}`
    const columns = { filename, purpose: "evals", bytes: content.length }
    yield* store(project, [{ kind: "files", id, text, columns }])
    const sql = yield* SqlClient.SqlClient
    const number = yield* Objects.project(project, null, 1)
    for (const [piece, part] of pieces.entries()) {
      yield* sql`INSERT INTO file_pieces (project, file_id, piece, content) VALUES (${number}, ${id}, ${piece}, ${bytes(part)})`
    }
    const hash = createHash("sha256").update(content).digest("hex")
    yield* sql`UPDATE files SET content_sha256 = ${hash} WHERE project = ${number} AND id = ${id}`
  })

/** Runs an effect over a file, which is opened for it, and Node's services. */
export const over = <A, E>(
  filename: string,
  effect: Effect.Effect<A, E, Database.Opened | FileSystem.FileSystem | Path.Path | Scope.Scope>,
  readonly = false
) => Effect.provide(effect, Layer.merge(Database.layer({ filename, readonly }), NodeServices.layer))
