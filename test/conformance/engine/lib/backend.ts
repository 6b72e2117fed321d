/** openai-node, as it is published, against an engine: over a socket, and without one. */
import { Context, Effect, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import OpenAI, { type ClientOptions } from "openai"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer, Server } from "effect-evals/server"
import * as InProcess from "../../../../src/server/InProcess.ts"

type Fetch = typeof globalThis.fetch

/** An engine that can be asked. */
export interface Door {
  /** openai-node with its own defaults. */
  readonly openai: (options?: ClientOptions) => OpenAI
  /** What openai-node is given to ask with. */
  readonly fetch: Fetch
  /** A request that openai-node does not send, or no longer; the path stands behind `/v1`. */
  readonly raw: (path: string, init?: RequestInit) => Promise<Response>
}

/** How openai-node comes to an engine. */
type Way = (options: Server.Options) => Effect.Effect<Door, never, EvalsEngine.EvalsEngine | Scope.Scope>

/** The engine of a suite. */
export class Backend extends Context.Service<
  Backend,
  Door & {
    /** The same engine behind a server with other options. */
    readonly behind: (options: Server.Options) => Effect.Effect<Door, never, Scope.Scope>
  }
>()("test/Backend") {}

const door = (baseURL: string, fetch: Fetch): Door => ({
  openai: (options) => new OpenAI({ apiKey: "none", baseURL, fetch, ...options }),
  fetch,
  raw: (path, init) => fetch(`${baseURL}${path}`, init)
})

/** What becomes of the `fetch` that asks the engine; a recorder, for instance. */
type Wrap = (fetch: Fetch) => Fetch

const asItIs: Wrap = (fetch) => fetch

const layer = (way: Way, models: Layer.Layer<never>): Layer.Layer<Backend> =>
  Layer.effect(
    Backend,
    Effect.gen(function* () {
      const engine = yield* EvalsEngine.EvalsEngine
      const behind = (options: Server.Options) => Effect.provideService(way(options), EvalsEngine.EvalsEngine, engine)
      return { ...(yield* behind({})), behind }
    })
  ).pipe(Layer.provide(EvalsEngine.layerMemory), Layer.provide(models), Layer.fresh)

/** An engine that is asked over a socket. */
export const socket = (wrap = asItIs, models: Layer.Layer<never> = Layer.empty): Layer.Layer<Backend> =>
  layer(
    (options) =>
      NodeServer.start({ port: 0, ...options }).pipe(
        Effect.orDie,
        Effect.map(({ url }) => door(url, wrap(globalThis.fetch)))
      ),
    models
  )

/** An engine that is asked through its own `fetch`. */
export const makeFetch = (wrap = asItIs, models: Layer.Layer<never> = Layer.empty): Layer.Layer<Backend> =>
  layer(
    (options) =>
      Effect.gen(function* () {
        // makeFetch has no options of a server; what it is made of has
        const fetch =
          Object.keys(options).length === 0
            ? yield* EvalsEngine.makeFetch
            : InProcess.fetch(yield* Server.make(options), yield* Effect.context<never>())
        return door("http://localhost/v1", wrap(fetch))
      }),
    models
  )

/** Uses openai-node. */
export const using = <A>(use: (client: OpenAI, backend: Backend["Service"]) => Promise<A>) =>
  Effect.flatMap(Backend, (backend) => Effect.promise(() => use(backend.openai(), backend)))

/** The engine's time, in Unix seconds. */
export const at = (seconds: number) => TestClock.setTime(seconds * 1000)

/** The error that a request ends with. */
export const errorOf = (request: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(request).then(
    () => Promise.reject(new Error("the request was answered")),
    (error: unknown) => error
  )

/** All of a list. */
export const all = async <A>(list: AsyncIterable<A>): Promise<Array<A>> => {
  const found: Array<A> = []
  for await (const one of list) found.push(one)
  return found
}

/** Waits until a run has ended: the stream of its events ends then. */
export const ended = async ({ raw }: Door, run: { readonly eval_id: string; readonly id: string }): Promise<void> => {
  await (await raw(`/evals/${run.eval_id}/runs/${run.id}/events`)).text()
}
