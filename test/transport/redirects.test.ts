/** What each transport does with a redirect is its own; the key stays with the host that it was given for. */
import { assert } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createRun, type EvalsError, retrieveEval, retrieveRun } from "effect-evals"
import { WireBuilder } from "effect-evals/testing"
import { HttpClient } from "effect/http"
import { serve } from "./lib/loopback.ts"
import { clientOf, eachTransport, evalId, fileId, runId } from "./lib/transports.ts"

const params = { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } } as const

const run = WireBuilder.run({ id: runId, eval_id: evalId })

eachTransport((it, name) => {
  const moved = (location: (path: string) => string) =>
    serve(({ json, response, url }) => {
      if (url.pathname.startsWith("/new/")) return json(run)
      response.writeHead(307, { location: location(`/new${url.pathname}`) }).end()
    })

  const status = (error: EvalsError.EvalsError) => [error.reason._tag, error.status]

  it.effect("fetch follows one, undici reports it", () =>
    Effect.gen(function* () {
      const host = yield* moved((path) => path)
      const outcome = yield* retrieveRun(evalId, runId).pipe(clientOf(host), Effect.mapError(status), Effect.result)
      if (name === "fetch") {
        assert.deepStrictEqual(outcome._tag === "Success" && outcome.success, run)
      } else {
        assert.deepStrictEqual(outcome._tag === "Failure" && outcome.failure, ["StatusError", 307])
      }
    })
  )

  it.effect("any transport follows with transformClient, bodies included", () =>
    Effect.gen(function* () {
      const bodies: Array<string> = []
      const host = yield* serve(async ({ body, json, response, url }) => {
        bodies.push((await body()).toString())
        if (url.pathname.startsWith("/new/")) return json(run, 201)
        response.writeHead(307, { location: `/new${url.pathname}` }).end()
      })
      const created = yield* createRun(evalId, params).pipe(
        clientOf(host, { transformClient: HttpClient.followRedirects(3) })
      )
      assert.deepStrictEqual(created, run)
      assert.deepStrictEqual(bodies, [JSON.stringify(params), JSON.stringify(params)])
    })
  )

  it.effect("the key does not follow to another host", () =>
    Effect.gen(function* () {
      const keys: Array<string | undefined> = []
      const other = yield* serve(({ json, request }) => {
        keys.push(request.headers.authorization)
        return json(WireBuilder.evaluation())
      })
      const host = yield* serve(({ response, url }) => {
        response.writeHead(302, { location: `${other.origin}${url.pathname}` }).end()
      })
      yield* retrieveEval(evalId).pipe(
        clientOf(host, { apiKey: Redacted.make("sk-loopback"), transformClient: HttpClient.followRedirects(3) })
      )
      assert.deepStrictEqual(keys, [undefined])
    })
  )
})
