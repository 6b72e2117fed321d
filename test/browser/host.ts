/** One origin for a page and the API that it calls. */
import { Effect } from "effect"
import { FileId, RunId } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { type Exchange, serve } from "../transport/lib/loopback.ts"

const run = (id: string, status = "completed") => WireBuilder.run({ id: RunId.make(id), status })

/** A few answers of the API; a file is kept as it was uploaded. */
const api = () => {
  let uploaded: File | undefined
  let polls = 0
  return async (exchange: Exchange): Promise<void> => {
    const { form, json, request, response, url } = exchange
    const route = `${request.method} ${url.pathname}`
    switch (route) {
      case "GET /v1/evals/eval_1/runs":
        return url.searchParams.has("after")
          ? json(WireBuilder.page([run("evalrun_c")]))
          : json(WireBuilder.page([run("evalrun_a"), run("evalrun_b")], true))
      case "POST /v1/files": {
        const part = (await form()).get("file")
        if (part === null || typeof part === "string") return json(WireBuilder.error({ message: "no file" }), 400)
        uploaded = part
        return json(WireBuilder.file({ id: FileId.make("file-1"), filename: part.name, bytes: part.size }))
      }
      case "GET /v1/files/file-1/content":
        response.writeHead(200, { "content-type": "application/octet-stream" })
        return void response.end(await uploaded?.bytes())
      case "POST /v1/evals/eval_1/runs":
        return json(run("evalrun_d", "queued"), 201)
      case "GET /v1/evals/eval_1/runs/evalrun_d":
        return json(
          polls++ < 3
            ? run("evalrun_d", "in_progress")
            : { ...run("evalrun_d"), result_counts: { total: 2, errored: 0, failed: 0, passed: 2 } }
        )
      case "GET /v1/evals/eval_1/runs/evalrun_slow":
        return
      case "GET /v1/evals/eval_1/runs/evalrun_broken":
        return json({ ...run("evalrun_broken"), created_at: "yesterday" })
      default:
        return json(WireBuilder.error({ message: `there is no ${route}` }), 404)
    }
  }
}

const page = `<!doctype html>
<title>effect-evals</title>
<script type="module" src="/probe.js"></script>
<script type="module" src="/program.js"></script>`

/** Says whether the policy of the page is in force. */
const probe = `
try {
  new Function("")()
  console.log("code from strings: allowed")
} catch {
  console.log("code from strings: refused")
}`

/** Serves a page with a program, under a policy where one is given, and the API beside it. */
export const serveSite = (script: string, policy: string | undefined) =>
  Effect.gen(function* () {
    const keys = new Set<string | undefined>()
    const answer = api()
    const server = yield* serve(async (exchange) => {
      const { request, response, url } = exchange
      if (url.pathname === "/") {
        response.writeHead(200, {
          "content-type": "text/html; charset=utf-8",
          ...(policy === undefined ? {} : { "content-security-policy": policy })
        })
        response.end(page)
      } else if (url.pathname === "/probe.js") {
        response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" }).end(probe)
      } else if (url.pathname === "/program.js") {
        response.writeHead(200, { "content-type": "text/javascript; charset=utf-8" }).end(script)
      } else {
        if (url.pathname.startsWith("/v1/")) keys.add(request.headers.authorization)
        await answer(exchange)
      }
    })
    return { ...server, keys }
  })
