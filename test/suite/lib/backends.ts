/** What our client is asked to be the same against. */
import { Effect, Layer, Schedule } from "effect"
import { EvalsClient, Polling } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import { FetchHttpClient } from "effect/http"
import * as served from "../../server/lib/served.ts"
import { make } from "./host.ts"

/** What becomes of the `HttpClient` of a client; a recorder, for instance. */
type Transform = EvalsClient.Options["transformClient"]

/** A host that is documented to answer so, and has no clock that a test would have to move: it is asked at once again. */
export const scriptedHost = (transformClient?: Transform): Layer.Layer<EvalsClient.EvalsClient> =>
  EvalsClient.layer({ baseUrl: "http://host/v1", transformClient }).pipe(
    Layer.provideMerge(FetchHttpClient.layer),
    Layer.merge(Layer.sync(FetchHttpClient.Fetch, make)),
    Layer.merge(Layer.succeed(Polling.CurrentPolicy, Schedule.forever)),
    Layer.orDie
  )

/** The engine in this process, as tests have it. */
export const inProcess = (transformClient?: Transform): Layer.Layer<EvalsClient.EvalsClient> =>
  transformClient === undefined
    ? EvalsTest.layer
    : Layer.effect(EvalsClient.EvalsClient, EvalsEngine.makeClient({ transformClient })).pipe(
        Layer.provide(EvalsEngine.layerMemory)
      )

/** The engine behind a socket. */
export const overSocket = (transformClient?: Transform): Layer.Layer<EvalsClient.EvalsClient> =>
  Layer.unwrap(
    Effect.map(served.Served, ({ url }) =>
      EvalsClient.layer({ baseUrl: url, idempotentCreates: true, transformClient }).pipe(
        Layer.provide(FetchHttpClient.layer)
      )
    )
  ).pipe(Layer.provide(served.layer()), Layer.orDie)
