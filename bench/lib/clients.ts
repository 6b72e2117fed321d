/**
 * The clients that are compared, each used as its own users would: effects run as
 * one program, promises are awaited in loops.
 */
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Redacted, Stream } from "effect"
import { EvalId, EvalsClient, listOutputItems, retrieveRun, RunId } from "effect-evals"
import { FetchHttpClient, HttpClient, HttpClientRequest } from "effect/http"
import { setTimeout } from "node:timers/promises"
import OpenAI from "openai"
import { Agent, request } from "undici"

/** What is measured of a client. */
export interface Client {
  /** Retrieves a run again and again, so many at a time, until told to stop; gives how many were retrieved. */
  readonly retrieve: (inFlight: number, until: () => boolean) => Promise<number>
  /** Lists output items, and works so long on each page; gives how many there were. */
  readonly list: (items: number, millisPerPage: number) => Promise<number>
}

const evalId = "eval_0123456789abcdef0123456789abcdef"
const runId = "evalrun_0123456789abcdef0123456789abcdef"
const limit = 100

// as long as a real key
const apiKey = `sk-proj-${"x1Y2".repeat(39)}`

/** Runs an effect again and again, so many at a time, until told to stop; gives how often it succeeded. */
const repeated = <E, R>(one: Effect.Effect<unknown, E, R>, inFlight: number, until: () => boolean) => {
  let count = 0
  const counted = Effect.map(one, () => {
    count++
  })
  const loop = Effect.whileLoop({ while: () => !until(), body: () => counted, step: () => undefined })
  return Effect.forEach(Array.from({ length: inFlight }), () => loop, { concurrency: inFlight, discard: true }).pipe(
    Effect.map(() => count)
  )
}

const ours = (layer: Layer.Layer<EvalsClient.EvalsClient>): Client => ({
  retrieve: (inFlight, until) =>
    repeated(retrieveRun(EvalId.make(evalId), RunId.make(runId)), inFlight, until).pipe(
      Effect.provide(layer),
      Effect.runPromise
    ),
  list: (items, millisPerPage) => {
    let seen = 0
    return listOutputItems(EvalId.make(evalId), RunId.make(runId), { limit }).pipe(
      Stream.take(items),
      Stream.runForEach(() => (++seen % limit === 0 && millisPerPage > 0 ? Effect.sleep(millisPerPage) : Effect.void)),
      Effect.map(() => seen),
      Effect.provide(layer),
      Effect.runPromise
    )
  }
})

const evalsClient = (origin: string) =>
  Layer.orDie(EvalsClient.layer({ apiKey: Redacted.make(apiKey), baseUrl: `${origin}/v1` }))

const loops = async (inFlight: number, until: () => boolean, one: () => Promise<unknown>): Promise<number> => {
  let retrieved = 0
  const loop = async () => {
    while (!until()) {
      await one()
      retrieved++
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return retrieved
}

const openaiNode = (origin: string): Client => {
  const client = new OpenAI({ apiKey, baseURL: `${origin}/v1` })
  return {
    retrieve: (inFlight, until) => loops(inFlight, until, () => client.evals.runs.retrieve(runId, { eval_id: evalId })),
    list: async (items, millisPerPage) => {
      let seen = 0
      for await (const item of client.evals.runs.outputItems.list(runId, { eval_id: evalId, limit })) {
        if (item.id !== "") seen++
        if (seen % limit === 0 && millisPerPage > 0) await setTimeout(millisPerPage)
        if (seen === items) break
      }
      return seen
    }
  }
}

/** Effect's own client, as an application without a library would use it: no spans, no time limit, no checks. */
const bareHttpClient = (origin: string): Client => ({
  retrieve: (inFlight, until) =>
    Effect.gen(function* () {
      const client = (yield* HttpClient.HttpClient).pipe(
        HttpClient.mapRequest((request) =>
          request.pipe(
            HttpClientRequest.prependUrl(`${origin}/v1`),
            HttpClientRequest.bearerToken(apiKey),
            HttpClientRequest.acceptJson
          )
        ),
        HttpClient.filterStatusOk
      )
      const one = Effect.flatMap(client.get(`/evals/${evalId}/runs/${runId}`), (response) => response.json)
      return yield* repeated(one, inFlight, until)
    }).pipe(
      Effect.provideService(HttpClient.TracerDisabledWhen, () => true),
      Effect.provide(NodeHttpClient.layerUndici),
      Effect.runPromise
    ),
  list: () => Promise.reject(new Error("Effect's client has no lists"))
})

const bareUndici = (origin: string): Client => {
  const dispatcher = new Agent()
  const headers = { accept: "application/json", authorization: `Bearer ${apiKey}` }
  const get = async (url: string): Promise<unknown> => {
    const { body } = await request(url, { dispatcher, headers })
    return JSON.parse(await body.text())
  }
  return {
    retrieve: (inFlight, until) => loops(inFlight, until, () => get(`${origin}/v1/evals/${evalId}/runs/${runId}`)),
    list: () => Promise.reject(new Error("undici has no lists"))
  }
}

/** The clients by name. `/slow` behind the origin makes the host take its time. */
export const clients = {
  "effect-evals, undici": (origin: string) => ours(evalsClient(origin).pipe(Layer.provide(NodeHttpClient.layerUndici))),
  "effect-evals, fetch": (origin: string) => ours(evalsClient(origin).pipe(Layer.provide(FetchHttpClient.layer))),
  "openai-node": openaiNode,
  "HttpClient, undici": bareHttpClient,
  "bare undici": bareUndici
} as const

/** The name of a client. */
export type ClientName = keyof typeof clients

/** Whether a text names a client. */
export const isClientName = (name: string | undefined): name is ClientName => name !== undefined && name in clients
