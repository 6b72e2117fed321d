import { Config, Effect, type Layer, type Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { type Eval, type EvalId, EvalsClient, type EvalsError, retrieveEval } from "effect-evals"
import { EvalsClientTest, ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { expect, test } from "tstyche"

declare const evalId: EvalId
declare const apiKey: Redacted.Redacted

type Client<E> = Layer.Layer<EvalsClient.EvalsClient, E, HttpClient.HttpClient>

test("a layer of the client asks for a transport, and fails where an option is wrong or not configured", () => {
  type Wrong = EvalsClient.OptionsError
  expect(EvalsClient.layer({ apiKey })).type.toBe<Client<Wrong>>()
  expect(EvalsClient.layerConfig({ apiKey: Config.Redacted("KEY") })).type.toBe<Client<Config.ConfigError | Wrong>>()
  expect(EvalsClient.layerFromEnv()).type.toBe<Client<Config.ConfigError | Wrong>>()
  expect(EvalsClient.make({})).type.toBe<Effect.Effect<EvalsClient.Service, Wrong, HttpClient.HttpClient>>()
})

test("a key is a secret", () => {
  expect(EvalsClient.layer).type.not.toBeCallableWith({ apiKey: "sk-1" })
  expect(EvalsClient.layer).type.toBeCallableWith({ headers: { "x-key": apiKey, "x-plain": "a" } })
  expect(EvalsClient.layer).type.not.toBeCallableWith({ baseURL: "http://host/v1" })
})

test("providing a layer leaves what it asks for", () => {
  expect(retrieveEval(evalId).pipe(Effect.provide(EvalsClient.layer({})))).type.toBe<
    Effect.Effect<Eval.Eval, EvalsError.EvalsError | EvalsClient.OptionsError, HttpClient.HttpClient>
  >()
  expect(retrieveEval(evalId).pipe(Effect.provide(EvalsClient.layerFromEnv()))).type.toBe<
    Effect.Effect<
      Eval.Eval,
      EvalsError.EvalsError | EvalsClient.OptionsError | Config.ConfigError,
      HttpClient.HttpClient
    >
  >()
})

test("withResponse adds the answer and nothing else", () => {
  expect(EvalsClient.withResponse(retrieveEval(evalId))).type.toBe<
    Effect.Effect<
      { readonly data: Eval.Eval; readonly response: EvalsClient.ResponseInfo | undefined },
      EvalsError.EvalsError,
      EvalsClient.EvalsClient
    >
  >()
})

test("layers for tests need nothing", () => {
  expect(EvalsClientTest.layer({ retrieveEval: () => Effect.succeed(WireBuilder.evaluation()) })).type.toBe<
    Layer.Layer<EvalsClient.EvalsClient>
  >()
  expect(ScriptedHttp.layer([{ body: WireBuilder.run() }])).type.toBe<
    Layer.Layer<HttpClient.HttpClient | ScriptedHttp.ScriptedHttp>
  >()
  expect(EvalsClientTest.layer).type.not.toBeCallableWith({ retrieveEval: () => Effect.succeed(WireBuilder.run()) })
  expect(WireBuilder.run).type.not.toBeCallableWith({ evalId })
})
