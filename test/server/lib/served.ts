/** An engine on a socket, and openai-node and our client against it. */
import { Context, Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import OpenAI from "openai"
import { EvalsClient } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"

/** Where the server of a test listens. */
export class Served extends Context.Service<Served, { readonly url: string }>()("test/Served") {}

/** A server over the engine of the context, on a free port. */
export const layerServed = (options: NodeServer.Options = {}) =>
  Layer.effect(Served, NodeServer.start({ port: 0, ...options }))

/** A server with an engine in memory. */
export const layer = (options: NodeServer.Options = {}) =>
  Layer.provideMerge(layerServed(options), EvalsEngine.layerMemory)

/** openai-node against the server. */
export const openai = (options: ConstructorParameters<typeof OpenAI>[0] = {}) =>
  Served.useSync(({ url }) => new OpenAI({ apiKey: "none", baseURL: url, ...options }))

/** Our client against the server, over fetch. */
export const layerClient = Layer.unwrap(
  Served.useSync(({ url }) =>
    EvalsClient.layer({ baseUrl: url, idempotentCreates: true }).pipe(Layer.provide(FetchHttpClient.layer))
  )
)

/** A request without any client, for what clients do not send. */
export const raw = (path: string, init: RequestInit = {}) =>
  Effect.flatMap(Served, ({ url }) =>
    Effect.promise(async () => {
      const response = await fetch(`${url}${path}`, init)
      const text = await response.text()
      return { status: response.status, headers: response.headers, text, json: parsed(text) }
    })
  )

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Posts JSON. */
export const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  raw(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body)
  })
