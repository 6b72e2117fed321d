import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { EvalId, EvalsClient, retrieveEval, retrieveRun, RunId } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { client, evalId, failure, lines, times } from "./support.ts"

const options = (given: EvalsClient.Options) =>
  Effect.gen(function* () {
    const error = yield* Effect.flip(Effect.scoped(Layer.build(EvalsClient.layer(given))))
    assert.deepStrictEqual(yield* lines, [])
    return error
  }).pipe(Effect.provide(ScriptedHttp.layer([])))

describe("an address that cannot be used", () => {
  it.effect.each([
    ["no URL", "api.openai.com/v1", /is no URL: "api.openai.com\/v1" \(write it like https:\/\/api.openai.com\/v1\)/],
    ["empty", "", /is no URL/],
    ["a file", "file:///etc/passwd", /has the scheme file:/],
    ["a socket", "ws://host/v1", /has the scheme ws:/],
    ["a user name", "https://me@host/v1", /holds a user name or password/],
    ["a password", "https://me:secret@host/v1", /holds a user name or password/]
  ] as const)("%s is an error of the layer", ([, baseUrl, message]) =>
    Effect.gen(function* () {
      const error = yield* options({ baseUrl })
      assert.strictEqual(error._tag, "OptionsError")
      assert.strictEqual(error.option, "baseUrl")
      assert.match(error.message, message)
      assert.notInclude(error.message, "secret")
    })
  )
})

describe("an option that no header can carry", () => {
  it.effect.each([
    ["apiKey", { apiKey: Redacted.make("sk-abc…") }],
    ["organization", { organization: "org\n1" }],
    ["project", { project: "proj…" }],
    ["headers.x-team", { headers: { "x-team": "a\r\nb" } }],
    ["headers.x-secret", { headers: { "x-secret": Redacted.make("a\nb") } }],
    ["headers.x team", { headers: { "x team": "a" } }]
  ] as const)("%s is an error of the layer, which names it and not its value", ([option, given]) =>
    Effect.gen(function* () {
      const error = yield* options(given)
      assert.strictEqual(error.option, option)
      assert.notMatch(error.message, /sk-abc|org\n1|proj…|a\r?\nb/)
    })
  )
})

describe("ids in paths", () => {
  it.effect.each(["", ".", "..", "a\uD800b"])("%j is refused before anything is sent", (id) =>
    Effect.gen(function* () {
      const inEval = yield* failure(retrieveEval(EvalId.make(id)))
      const issues = inEval.reason._tag === "EncodeError" ? inEval.reason.issues : undefined
      assert.deepStrictEqual(issues, [{ path: "evalId", message: `${JSON.stringify(id)} cannot be an id` }])
      const inRun = yield* failure(retrieveRun(evalId, RunId.make(id)))
      assert.include(inRun.message, "runId")
      assert.lengthOf(yield* times, 0)
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }])))
  )

  it.effect.each([
    ["a/b?c#d", "a%2Fb%3Fc%23d"],
    ["a b%20", "a%20b%2520"],
    ["../evals", "..%2Fevals"],
    ["Prüfung-日本-🎯", "Pr%C3%BCfung-%E6%97%A5%E6%9C%AC-%F0%9F%8E%AF"],
    ["...", "..."]
  ])("%j is sent as %s", ([id = "", encoded]) =>
    Effect.gen(function* () {
      yield* retrieveEval(EvalId.make(id))
      assert.deepStrictEqual(yield* lines, [`GET /v1/evals/${encoded}`])
    }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }])))
  )
})
