/** Engines whose models are a scripted server on a real socket. */
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, type Scope } from "effect"
import type { EvalsClient } from "effect-evals"
import { type EvalsEngine, Models } from "effect-evals/engine"
import type { HttpEntry } from "../../src/engine/models/Entry.ts"
import { EvalsTest } from "effect-evals/testing/engine"
import { type ModelServer, type Received, type Script, serve } from "./modelServer.ts"

/** What an entry of the models has besides its address. */
export type Entry = Omit<Partial<HttpEntry>, "baseUrl">

/** Models whose only entry asks a server. */
export const modelsOf = ({ baseUrl }: Pick<ModelServer, "baseUrl">, entry: Entry = {}): Layer.Layer<never> =>
  Models.layer([{ match: "*", baseUrl, limits: { inFlight: 32 }, ...entry }]).pipe(
    Layer.provide(NodeHttpClient.layerUndici),
    Layer.orDie
  )

/** Runs a program over an engine that asks the models of a layer. */
export const withEngine =
  (models: Layer.Layer<never>) =>
  <A, E, R>(
    program: Effect.Effect<A, E, R | EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>
  ): Effect.Effect<A, E, Exclude<R, EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>> =>
    Effect.provide(program, EvalsTest.layer.pipe(Layer.provide(models)))

/** Starts a model server, and runs a program over an engine that asks it. */
export const asking = <A, E>(
  script: Script,
  program: (server: ModelServer) => Effect.Effect<A, E, EvalsClient.EvalsClient | EvalsEngine.EvalsEngine>,
  entry: Entry = {}
): Effect.Effect<A, E, Scope.Scope> =>
  Effect.flatMap(serve(script), (server) => withEngine(modelsOf(server, entry))(program(server)))

/** Returns the text of the last message of a request to either API. */
export const lastText = ({ body }: Received): string => {
  const messages: unknown = body["messages"] ?? body["input"]
  const last: unknown = Array.isArray(messages) ? messages.at(-1) : undefined
  if (typeof last !== "object" || last === null || !("content" in last)) return ""
  return typeof last.content === "string" ? last.content : JSON.stringify(last.content)
}
