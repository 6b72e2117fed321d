/** The base URL: what it answers, and the forms of it that clients have. */
import { assert, it, layer } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { readFileSync } from "node:fs"
import OpenAI, { AzureOpenAI } from "openai"
import { EvalsTest } from "effect-evals/testing/engine"
import { canonical } from "../../src/server/apiPath.ts"
import { at, definition, send } from "../behaviour/lib/engine.ts"
import { layer as served, Served } from "./lib/served.ts"

const get = (url: string) => Effect.promise(() => fetch(url))
const described = (url: string) =>
  Effect.flatMap(get(url), (response) => Effect.promise((): Promise<unknown> => response.json()))

const definitionOf = (): OpenAI.EvalCreateParams => ({
  data_source_config: { type: "custom", item_schema: { type: "object" } },
  testing_criteria: [{ type: "string_check", name: "a", input: "a", reference: "a", operation: "eq" }]
})

const manifest: unknown = JSON.parse(readFileSync("package.json", "utf8"))

layer(EvalsTest.layer)("the base URL", (it) => {
  it.effect("describes the server: name, version, whether it is read-only, and its documentation", () =>
    Effect.gen(function* () {
      const { json, status } = yield* send("GET", "")
      assert.strictEqual(status, 200)
      assert.match(String(at(json, "id")), /^instance_[0-9a-f]{32}$/)
      assert.deepStrictEqual(json, {
        object: "server",
        id: at(json, "id"),
        name: at(manifest, "name"),
        version: at(manifest, "version"),
        read_only: false,
        documentation: "README.md and docs/server.md of the package effect-evals"
      })
      const again = yield* send("GET", "/", undefined, {}, { readOnly: true })
      assert.deepStrictEqual([at(again.json, "id"), at(again.json, "read_only")], [at(json, "id"), true])
    })
  )

  it.effect("accepts only GET, and requires the key like all paths", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* send("POST", "", definition())).status, 404)
      const key = Redacted.make("sk-own")
      assert.strictEqual((yield* send("GET", "", undefined, {}, { key })).status, 401)
      assert.strictEqual((yield* send("GET", "", undefined, { "api-key": "sk-own" }, { key })).status, 200)
    })
  )
})

it.effect("the id of a server changes at each start", () =>
  Effect.gen(function* () {
    const id = Effect.flatMap(Served, ({ url }) => Effect.map(described(url), (json) => at(json, "id")))
    const one = yield* id.pipe(Effect.provide(served()))
    const two = yield* id.pipe(Effect.provide(served()))
    assert.isString(one)
    assert.notStrictEqual(one, two)
  })
)

layer(served())("a client", (it) => {
  for (const path of ["", "/", "/v1", "/v1/", "/openai/v1", "/openai", "/openai/"]) {
    it.effect(`works with the base URL "${path}", which describes the server`, () =>
      Effect.gen(function* () {
        const { url } = yield* Served
        const baseURL = `${new URL(url).origin}${path}`
        assert.strictEqual(at(yield* described(baseURL), "name"), "effect-evals")
        const client = new OpenAI({ apiKey: "none", baseURL })
        const made = yield* Effect.promise(() => client.evals.create(definitionOf()))
        const page = yield* Effect.promise(() => client.evals.list({ after: made.id }))
        assert.deepStrictEqual(page.data, [])
        const file = yield* Effect.promise(() => client.files.list())
        assert.isArray(file.data)
      })
    )
  }

  it.effect("of Azure works, and its api-version is a known parameter", () =>
    Effect.gen(function* () {
      const { origin } = new URL((yield* Served).url)
      const client = new AzureOpenAI({ apiKey: "none", endpoint: origin, apiVersion: "2025-04-01-preview" })
      const made = yield* Effect.promise(() => client.evals.create(definitionOf()))
      const { data, response } = yield* Effect.promise(() => client.evals.list({ limit: 100 }).withResponse())
      assert.include(
        data.data.map(({ id }) => id),
        made.id
      )
      assert.isNull(response.headers.get("warning"))
    })
  )

  it.effect("gets the requested path in the message about an unknown path", () =>
    Effect.gen(function* () {
      const { origin } = new URL((yield* Served).url)
      for (const path of ["/openai/v2/evals", "/eval", "/openaiv1/evals", "/v1evals", "/evalsx", "/v1/v1/evals"]) {
        const response = yield* get(origin + path)
        const json: unknown = yield* Effect.promise(() => response.json())
        assert.strictEqual(response.status, 404)
        assert.include(String(at(json, "error", "message")), `There is no GET ${path} here.`)
      }
    })
  )
})

it.effect("a read-only server runs graders and refuses writes under each form of its base URL", () =>
  Effect.gen(function* () {
    const { origin } = new URL((yield* Served).url)
    for (const base of ["", "/v1", "/openai/v1", "/openai"]) {
      const post = (path: string, body: unknown) =>
        Effect.promise(() =>
          fetch(`${origin}${base}${path}?api-version=x`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body)
          })
        )
      const grader = definitionOf().testing_criteria[0]
      assert.strictEqual((yield* post("/fine_tuning/alpha/graders/validate", { grader })).status, 200)
      assert.strictEqual((yield* post("/evals", definitionOf())).status, 403)
    }
  }).pipe(Effect.provide(served({ readOnly: true })))
)

it("URLs outside the API are unchanged, with their queries", () => {
  for (const url of ["/evaluations/e?run_id=r", "/favicon.ico", "*", "/v1evals", "/filesystem", "/openai/x?y"]) {
    assert.strictEqual(canonical(url), url)
  }
  assert.strictEqual(canonical("/openai/evals?after=/v1"), "/v1/evals?after=/v1")
  assert.strictEqual(canonical("?x"), "/v1?x")
})
