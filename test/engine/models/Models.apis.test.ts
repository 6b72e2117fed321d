import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Call } from "../../../src/engine/models/Models.ts"
import { completion, failure, type Received, type Reply, response } from "../../lib/modelServer.ts"
import { chat, reasonOf, responses, setting } from "./lib/asking.ts"

const notFound: Reply = { status: 404, body: { detail: "Not Found" } }

/** A server that has one API. */
const only =
  (path: string) =>
  (request: Received): Reply =>
    request.path !== path ? notFound : { body: path === "/responses" ? response("yes") : completion("yes") }

const unsaid = { api: undefined }

describe("an endpoint that only has chat completions", () => {
  it.live("is found out by the first request, and gets translations from then on", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(only("/chat/completions"), unsaid)
      const answers = yield* Effect.forEach(["1", "2", "3"], (text) => models.ask(responses(text, { seed: 5 })), {
        concurrency: 3
      })
      assert.deepStrictEqual(
        answers.map(({ api, output_text }) => `${api} ${output_text}`),
        ["chat yes", "chat yes", "chat yes"]
      )
      assert.deepStrictEqual(server.paths(), [
        "/responses",
        "/chat/completions",
        "/chat/completions",
        "/chat/completions"
      ])
      assert.deepStrictEqual(server.requests[1]?.body, {
        model: "gpt-4.1",
        messages: [{ role: "user", content: "1" }],
        seed: 5
      })
      assert.deepStrictEqual(models.find("x")?.apis, { chat: "yes", responses: "no" })
    })
  )

  it.live("refuses what cannot be said there, before anything is sent", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(only("/chat/completions"), { api: "chat" })
      const call = responses("Hi", { tools: [{ type: "web_search" }] })
      const error = models.check(call)
      assert.strictEqual(error?.reason._tag, "Untranslatable")
      assert.include(error?.message, 'tools[0]: a tool of type "web_search" has no counterpart in chat completions')
      assert.strictEqual(models.check(responses("Hi")), undefined)
      assert.strictEqual((yield* reasonOf(models.ask(call)))._tag, "Untranslatable")
      assert.strictEqual(server.requests.length, 0)
    })
  )
})

describe("an endpoint that only has responses", () => {
  it.live("is found out too", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(only("/responses"), unsaid)
      assert.strictEqual((yield* models.ask(chat("1"))).api, "responses")
      assert.strictEqual((yield* models.ask(chat("2"))).output_text, "yes")
      assert.deepStrictEqual(server.paths(), ["/chat/completions", "/responses", "/responses"])
      assert.deepStrictEqual(server.requests[2]?.body, {
        model: "gpt-4.1",
        input: [{ role: "user", content: "2" }],
        store: false
      })
    })
  )
})

describe("an endpoint of which nothing is known", () => {
  it.live("is asked by the API of the request where it has both", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting((request) => only(request.path)(request), unsaid)
      yield* models.ask(responses("1"))
      yield* models.ask(chat("2"))
      assert.deepStrictEqual(server.paths(), ["/responses", "/chat/completions"])
      assert.deepStrictEqual(models.find("x")?.apis, { chat: "yes", responses: "yes" })
    })
  )

  it.live("and that has neither has the wrong address", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => notFound, unsaid)
      const reason = yield* reasonOf(models.ask(responses("1")))
      assert.strictEqual(reason._tag, "WrongAddress")
      assert.include(reason.message, "check baseUrl")
      assert.strictEqual((yield* reasonOf(models.ask(chat("2"))))._tag, "WrongAddress")
      assert.strictEqual(server.requests.length, 2)
    })
  )

  it.live("and that lacks the API of a request that cannot be translated is asked once", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(only("/chat/completions"), unsaid)
      const call = responses("Hi", { previous_response_id: "resp_1" })
      assert.strictEqual((yield* reasonOf(models.ask(call)))._tag, "Untranslatable")
      assert.strictEqual((yield* reasonOf(models.ask(call)))._tag, "Untranslatable")
      assert.strictEqual(server.requests.length, 1)
      assert.strictEqual(models.check(call)?.reason._tag, "Untranslatable")
    })
  )
})

// =============================================================================
// formats
// =============================================================================

const judge = (content: string): Call => ({
  ...chat(content),
  purpose: "judge",
  structured: { name: "verdict", schema: { type: "object", properties: { result: { type: "number" } } } }
})

const formatOf = ({ body }: Received): unknown => {
  const format = body["response_format"]
  return typeof format === "object" && format !== null && "type" in format ? format.type : undefined
}

/** A server that takes some formats. */
const taking =
  (...formats: ReadonlyArray<unknown>) =>
  (request: Received): Reply =>
    formats.includes(formatOf(request))
      ? { body: completion('{"result":1}') }
      : { status: 400, body: failure("'response_format.type' must be another one", { param: "response_format" }) }

describe("a judge", () => {
  it.live("is asked by a format with the schema where the endpoint takes it", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(taking("json_schema"))
      yield* models.ask(judge("Good?"))
      assert.deepStrictEqual(server.requests[0]?.body["messages"], [{ role: "user", content: "Good?" }])
    })
  )

  it.live("is asked in a plainer way where it does not, which is found out once for each model", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(taking(undefined))
      yield* Effect.forEach(["1", "2", "3"], (text) => models.ask(judge(text)), { concurrency: 3 })
      assert.deepStrictEqual(server.requests.map(formatOf), [
        "json_schema",
        "json_object",
        undefined,
        undefined,
        undefined
      ])
      const other = { ...judge("4"), body: { ...judge("4").body, model: "other" } }
      yield* models.ask(other)
      assert.deepStrictEqual(server.requests.slice(5).map(formatOf), ["json_schema", "json_object", undefined])
    })
  )

  it.live("does not hold back the others where its answer takes long", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ hang: true }))
      const judges = ["1", "2", "3"].map((text) => models.ask(judge(text)))
      yield* Effect.forkScoped(Effect.all(judges, { concurrency: 3 }))
      while (server.requests.length < 3) yield* Effect.sleep("10 millis")
      assert.deepStrictEqual(server.requests.map(formatOf), ["json_schema", "json_schema", "json_schema"])
    })
  )

  it.live("is asked as the entry says", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(taking("json_object"), { structured: "json_object" })
      yield* models.ask(judge("Good?"))
      assert.deepStrictEqual(server.requests.map(formatOf), ["json_object"])
      assert.include(JSON.stringify(server.requests[0]?.body["messages"]), "JSON Schema")
    })
  )

  it.live("with a request that is wrong otherwise is not asked in other ways", () =>
    Effect.gen(function* () {
      const { models, server } = yield* setting(() => ({ status: 400, body: failure("Invalid image.") }))
      assert.strictEqual((yield* reasonOf(models.ask(judge("Good?"))))._tag, "BadRequest")
      assert.strictEqual(server.requests.length, 1)
    })
  )
})
