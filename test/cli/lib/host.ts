/** A small host on a socket, whose answers depend on the key. */
import { Effect, type Scope } from "effect"
import { createServer, type ServerResponse } from "node:http"

const uuid = "9f1b2c3d-0000-4000-8000-123456789abc"
const count = 150

const evals = ["eval_1", "eval_2"]
const runs = ["evalrun_a", "evalrun_b"]
const items = Array.from({ length: count }, (_, row) => `outputitem_${row}`)
const files = ["file-1"]

const runText = (id: string, evalId: string) =>
  `{"id":"${id}","eval_id":"${evalId}","status":"completed","created_at":7,"result_counts":{"total":${count},"passed":${count - 3},"failed":2,"errored":1}}`
const itemText = (id: string) =>
  `{"id":"${id}","datasource_item_id":${id.slice(11)},"status":"pass","datasource_item":{"big":12345678901234567890},"results":[{"name":"match-${uuid}","score":1.0,"passed":true}]}`
const fileText = (id: string) => `{"id":"${id}","filename":"rows.jsonl","purpose":"evals","bytes":5,"created_at":7}`

/** Keys and what they bring; without a key everything is answered. */
export const keys = {
  /** 401. */
  wrong: "wrong",
  /** Lists are empty. */
  empty: "empty",
  /** 403 for evals, and files may be read. */
  files: "files",
  /** 403 for everything. */
  nothing: "nothing"
} as const

/** What a host was asked, and how it is held up. */
export interface Host {
  readonly url: string
  readonly requests: Array<string>
  /** From now on output items are not answered; the promise is settled when they are asked for. */
  readonly hold: () => Promise<void>
}

/** Starts a host, which ends with the scope. */
export const host: Effect.Effect<Host, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(async () => {
    const requests: Array<string> = []
    let held: (() => void) | undefined

    const answer = (path: string, query: URLSearchParams, key: string, response: ServerResponse) => {
      const send = (text: string, status = 200) =>
        response
          .writeHead(status, {
            "content-type": "application/json",
            "x-request-id": "req_1",
            "openai-project": "proj_1"
          })
          .end(text)
      const refuse = (status: number, message: string) => send(`{"error":{"message":"${message}"}}`, status)
      const page = (ids: ReadonlyArray<string>, text: (id: string) => string) => {
        const after = query.get("after")
        const from = after === null ? 0 : ids.indexOf(after) + 1
        const shown = ids.slice(from, from + Number(query.get("limit") ?? 20))
        const more = from + shown.length < ids.length
        return send(`{"object":"list","data":[${shown.map(text).join(", ")}],"has_more":${more}}`)
      }
      if (key === keys.wrong) return refuse(401, "Incorrect API key provided.")
      if (key === keys.nothing) return refuse(403, "no permission")
      if (key === keys.empty) return page([], String)
      if (key === keys.files && path.startsWith("/evals")) return refuse(403, "no permission")
      const [, , evalId = "", , runId = "", last] = path.split("/")
      if (path === "/evals") return page(evals, (id) => `{"id":"${id}","name":"Eval ${id}","created_at":7}`)
      if (path === "/files") return page(files, fileText)
      if (path === "/files/file-1/content") return response.end("hello")
      if (evals.includes(evalId) && path === `/evals/${evalId}`) return send(`{"id":"${evalId}","created_at":7}`)
      if (path.endsWith("/runs"))
        return page(
          runs.map((run) => `${run}_${evalId}`),
          (id) => runText(id, evalId)
        )
      if (last === "output_items") {
        if (held !== undefined) return held()
        return page(items, (id) => itemText(id).replace(`"${id}"`, `"${id}_${runId}"`))
      }
      return refuse(404, "no such thing")
    }

    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? "/", "http://host")
      requests.push(`${request.method} ${pathname}${request.url?.slice(pathname.length)}`)
      answer(
        pathname.replace("/v1", ""),
        // items are asked for after an id that names the run too
        new URLSearchParams(
          [...searchParams].map(([name, value]): [string, string] => [name, value.replace(/_evalrun_.*$/, "")])
        ),
        request.headers.authorization?.replace("Bearer ", "") ?? "",
        response
      )
    })
    await new Promise<void>((resume) => {
      server.listen(0, "127.0.0.1", resume)
    })
    const address = server.address()
    const port = typeof address === "object" && address !== null ? address.port : 0
    const hold = () =>
      new Promise<void>((resume) => {
        held = resume
      })
    return { url: `http://127.0.0.1:${port}/v1`, requests, hold, server }
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
