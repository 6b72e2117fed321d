/** Operations over real sockets: what the host gets, and what becomes of its answers. */
import { assert } from "@effect/vitest"
import { Effect, Redacted, Stream } from "effect"
import {
  deleteEval,
  EvalsClient,
  listOutputItems,
  listRuns,
  OutputItemId,
  retrieveRun,
  RunId,
  updateEval
} from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { gzipSync } from "node:zlib"
import { serve } from "./lib/loopback.ts"
import { clientOf, eachTransport, evalId, runId } from "./lib/transports.ts"

const run = WireBuilder.run({ id: runId, eval_id: evalId })

eachTransport((it, name) => {
  it.effect("sends JSON and reads JSON", () =>
    Effect.gen(function* () {
      const seen: Array<unknown> = []
      const host = yield* serve(async ({ body, json, request, url }) => {
        const sent = (await body()).toString()
        seen.push([request.method, url.pathname, sent === "" ? undefined : JSON.parse(sent)])
        await json(request.method === "DELETE" ? { deleted: true, eval_id: evalId } : WireBuilder.evaluation())
      })
      const client = clientOf(host)
      const updated = yield* client(updateEval(evalId, { name: "tickets ☃", metadata: { team: "support" } }))
      const deleted = yield* client(deleteEval(evalId))
      assert.deepStrictEqual(updated, WireBuilder.evaluation())
      assert.isTrue(deleted.deleted)
      assert.deepStrictEqual(seen, [
        ["POST", "/v1/evals/eval_68a1", { name: "tickets ☃", metadata: { team: "support" } }],
        ["DELETE", "/v1/evals/eval_68a1", undefined]
      ])
    })
  )

  it.effect("sends the key, what was set beside it, and no trace headers", () =>
    Effect.gen(function* () {
      const host = yield* serve(({ json, request }) =>
        json(
          WireBuilder.run({
            metadata: Object.fromEntries(Object.entries(request.headers).map(([k, v]) => [k, String(v)]))
          })
        )
      )
      const { metadata } = yield* retrieveRun(evalId, runId, {
        headers: { "x-call": Redacted.make("of the call") }
      }).pipe(
        Effect.withSpan("a span of the program"),
        clientOf(host, {
          apiKey: Redacted.make("sk-loopback"),
          organization: "org-1",
          project: "proj_1",
          headers: { "x-team": "support" }
        })
      )
      assert.deepInclude(metadata, {
        authorization: "Bearer sk-loopback",
        "openai-organization": "org-1",
        "openai-project": "proj_1",
        "x-team": "support",
        "x-call": "of the call",
        accept: "application/json"
      })
      assert.notProperty(metadata, "traceparent")
      assert.notProperty(metadata, "b3")
    })
  )

  it.effect("streams a list page by page", () =>
    Effect.gen(function* () {
      const queries: Array<string> = []
      const host = yield* serve(({ json, url }) => {
        queries.push(url.search)
        const from = Number(url.searchParams.get("after")?.slice(1) ?? 0)
        const page = [from + 1, from + 2].map((n) => WireBuilder.run({ id: RunId.make(`r${n}`) }))
        return json(WireBuilder.page(page, from < 4))
      })
      const runs = yield* listRuns(evalId, { limit: 2, order: "desc" }).pipe(Stream.runCollect, clientOf(host))
      assert.deepStrictEqual(
        runs.map(({ id }) => id),
        ["r1", "r2", "r3", "r4", "r5", "r6"]
      )
      assert.deepStrictEqual(
        queries.map((query) => Object.fromEntries(new URLSearchParams(query))),
        [
          { limit: "2", order: "desc" },
          { limit: "2", order: "desc", after: "r2" },
          { limit: "2", order: "desc", after: "r4" }
        ]
      )
    })
  )

  it.effect("reads a page of a megabyte", () =>
    Effect.gen(function* () {
      const items = Array.from({ length: 100 }, (_, n) =>
        WireBuilder.outputItem({
          id: OutputItemId.make(`outputitem_${n}`),
          datasource_item: { text: "ä€😀".repeat(1200) }
        })
      )
      const host = yield* serve(({ json }) => json(WireBuilder.page(items)))
      const read = yield* listOutputItems(evalId, runId).pipe(Stream.runCollect, clientOf(host))
      assert.deepStrictEqual(read, items)
    })
  )

  it.effect("keeps path and query of the base URL, and encodes ids", () =>
    Effect.gen(function* () {
      const urls: Array<string> = []
      const host = yield* serve(({ json, request }) => {
        urls.push(request.url ?? "")
        return json(WireBuilder.page([run]))
      })
      const proxied = clientOf({ baseUrl: `${host.origin}/team%20a/v1/?sig=a%2Bb&tenant=7` })
      yield* listRuns(evalId, { limit: 1, after: RunId.make("a&b=c/d") }).pipe(Stream.runCollect, proxied)
      const [url = ""] = urls
      const { pathname, searchParams } = new URL(url, host.origin)
      assert.strictEqual(pathname, "/team%20a/v1/evals/eval_68a1/runs")
      assert.deepStrictEqual(Object.fromEntries(searchParams), {
        limit: "1",
        after: "a&b=c/d",
        sig: "a+b",
        tenant: "7"
      })
    })
  )

  it.effect("reads what it said it accepts: a host that compresses compresses for fetch", () =>
    Effect.gen(function* () {
      let compressed = false
      const host = yield* serve(({ request, response }) => {
        const text = JSON.stringify(run)
        compressed = /\bgzip\b/.test(String(request.headers["accept-encoding"]))
        const headers = { "content-type": "application/json", ...(compressed ? { "content-encoding": "gzip" } : {}) }
        response.writeHead(200, headers).end(compressed ? gzipSync(text) : text)
      })
      assert.deepStrictEqual(yield* retrieveRun(evalId, runId).pipe(clientOf(host)), run)
      assert.strictEqual(compressed, name === "fetch")
    })
  )

  it.effect("gives the host's error with its id of the request", () =>
    Effect.gen(function* () {
      const host = yield* serve(({ json }) =>
        json(WireBuilder.error({ message: "No such run", code: "not_found" }), 404, { "x-request-id": "req_1" })
      )
      const error = yield* retrieveRun(evalId, runId).pipe(clientOf(host), Effect.flip)
      assert.strictEqual(error.reason._tag, "NotFoundError")
      assert.strictEqual(error.requestId, "req_1")
      assert.include(error.message, "No such run")
    })
  )

  it.effect("gives the answer beside the value where it is asked for", () =>
    Effect.gen(function* () {
      const host = yield* serve(({ json }) =>
        json(run, 200, { "x-request-id": "req_2", "openai-version": "2020-10-01" })
      )
      const { response } = yield* EvalsClient.withResponse(retrieveRun(evalId, runId)).pipe(clientOf(host))
      assert.strictEqual(response?.requestId, "req_2")
      assert.strictEqual(response?.headers["openai-version"], "2020-10-01")
    })
  )

  it.effect("sends two requests at once where two are asked for", () =>
    Effect.gen(function* () {
      const both = Promise.withResolvers<void>()
      const host = yield* serve(async ({ index, json }) => {
        if (index === 1) both.resolve()
        await both.promise
        await json(run)
      })
      const runs = yield* Effect.all([retrieveRun(evalId, runId), retrieveRun(evalId, runId)], { concurrency: 2 }).pipe(
        clientOf(host)
      )
      assert.deepStrictEqual(runs, [run, run])
    })
  )
})
