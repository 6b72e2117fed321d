/** A host on a socket that takes what a run is made of, and fails where a test says so. */
import { Effect, type Scope } from "effect"
import { createServer } from "node:http"

/** Which status a creation is answered with; 201 where it is left out. */
export interface Failing {
  readonly upload?: number
  readonly run?: number
  /** Whether a run is there though its creation was answered with an error. */
  readonly createdAllTheSame?: boolean
}

/** A host, and what was deleted at it. */
export interface Writable {
  readonly url: string
  readonly deleted: Array<string>
}

/** Starts a host, which ends with the scope. */
export const writable = (failing: Failing): Effect.Effect<Writable, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const deleted: Array<string> = []
      const run = {
        object: "eval.run",
        id: "evalrun_1",
        eval_id: "eval_1",
        name: "r",
        created_at: 7,
        status: "queued",
        model: "",
        data_source: { type: "jsonl", source: { type: "file_id", id: "file-1" } },
        error: null,
        metadata: {},
        per_model_usage: [],
        per_testing_criteria_results: [],
        report_url: "",
        result_counts: { total: 0, errored: 0, failed: 0, passed: 0 }
      }
      const made = {
        object: "eval",
        id: "eval_1",
        name: "e",
        created_at: 7,
        metadata: {},
        testing_criteria: [],
        data_source_config: { type: "custom", schema: {} }
      }
      const file = {
        object: "file",
        id: "file-1",
        filename: "rows.jsonl",
        purpose: "evals",
        bytes: 5,
        created_at: 7,
        status: "processed"
      }
      const answered = (method: string, path: string): readonly [status: number, body: object] => {
        const said = (status: number, body: object): readonly [number, object] =>
          status === 201 ? [status, body] : [status, { error: { message: `no: ${status}` } }]
        if (method === "DELETE") {
          deleted.push(path)
          return [200, { id: path, deleted: true, object: "deleted", eval_id: "eval_1" }]
        }
        if (method === "GET") {
          return [200, { object: "list", data: failing.createdAllTheSame === true ? [run] : [], has_more: false }]
        }
        if (path === "/evals") return said(201, made)
        return path === "/files" ? said(failing.upload ?? 201, file) : said(failing.run ?? 201, run)
      }
      const server = createServer((request, response) => {
        request.resume().on("end", () => {
          const { pathname } = new URL(request.url ?? "/", "http://host")
          const [status, body] = answered(request.method ?? "", pathname.replace("/v1", ""))
          response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body))
        })
      })
      await new Promise<void>((resume) => {
        server.listen(0, "127.0.0.1", resume)
      })
      const address = server.address()
      const port = typeof address === "object" && address !== null ? address.port : 0
      return { url: `http://127.0.0.1:${port}/v1`, deleted, server }
    }),
    ({ server }) =>
      Effect.promise(
        () =>
          new Promise<void>((resume) => {
            server.closeAllConnections()
            server.close(() => resume())
          })
      )
  )
