import { Context, Effect, type FileSystem, type Layer, Redacted } from "effect"
import type { HttpClient } from "effect/http"
import { type ModelError, Models } from "effect-evals/engine"
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
