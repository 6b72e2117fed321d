import { Context, Effect, type FileSystem, Layer, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import type { EvalsClient } from "effect-evals"
import { EvalsEngine, type ModelError, Models } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import { expect, test } from "tstyche"

class Own extends Context.Service<Own, { readonly reply: string }>()("Own") {}

test("models of entries need a client, and what their functions and keys need", () => {
  expect(Models.layer([{ match: "*", baseUrl: "https://host/v1" }])).type.toBe<
    Layer.Layer<never, Models.InvalidModels, HttpClient.HttpClient>
  >()
  expect(
    Models.layer([
      {
        match: "mine",
        answer: ({ model }) => Effect.map(Own, ({ reply }) => ({ model, choices: [{ message: { content: reply } }] }))
      },
      { match: "*", baseUrl: "https://host/v1", key: Effect.map(Own, ({ reply }) => Redacted.make(reply)) }
    ])
  ).type.toBe<Layer.Layer<never, Models.InvalidModels, HttpClient.HttpClient | Own>>()
})

test("models of a file need the file system too", () => {
  expect(Models.layerFile("models.json")).type.toBe<
    Layer.Layer<never, Models.InvalidModels, FileSystem.FileSystem | HttpClient.HttpClient>
  >()
})

test("a model's answer has one error, and asks for nothing", () => {
  type Ask = ReturnType<Models.Service["ask"]>
  expect<Effect.Error<Ask>>().type.toBe<ModelError.ModelError>()
  expect<Effect.Services<Ask>>().type.toBe<never>()
  expect<Effect.Services<typeof Models.Models>>().type.toBe<never>()
})

test("models are provided beneath an engine, whose own type is the same without them", () => {
  expect(
    EvalsEngine.layerClient().pipe(
      Layer.provide(EvalsEngine.layerMemory),
      Layer.provide(Models.layer([{ match: "*", baseUrl: "https://host/v1" }]))
    )
  ).type.toBe<Layer.Layer<EvalsClient.EvalsClient, Models.InvalidModels, HttpClient.HttpClient>>()
  expect(EvalsEngine.layerMemory).type.toBe<Layer.Layer<EvalsEngine.EvalsEngine>>()
})

test("a function that is a model fails with a ModelError alone", () => {
  expect(Models.layer).type.not.toBeCallableWith([{ match: "*", answer: () => Effect.fail("no") }])
  expect(Models.layer).type.not.toBeCallableWith([{ match: "*", answer: () => Effect.succeed({ text: "no" }) }])
  expect(Models.layer).type.not.toBeCallableWith([{ baseUrl: "https://host/v1" }])
  expect(Models.layer).type.not.toBeCallableWith([{ match: "*", baseUrl: "https://host/v1", key: "sk-1" }])
})

test("models of a test are a function, and ask for nothing", () => {
  expect(EvalsTest.layerWith({ models: ({ text }) => text })).type.toBe<
    Layer.Layer<EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>
  >()
  expect(EvalsTest.layerWith).type.toBeCallableWith({
    models: ({ purpose }: EvalsTest.ModelRequest) =>
      purpose === "judge" ? EvalsTest.verdict(1) : { choices: [{ message: { content: "yes" } }] }
  })
  expect(EvalsTest.layerWith).type.not.toBeCallableWith({ models: () => 1 })
  expect(EvalsTest.layerWith).type.not.toBeCallableWith({ models: () => Effect.fail("no") })
})
