/** The host without a network: an `HttpClient` whose time is the test's. */
import { Clock, Effect, Layer } from "effect"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { EvalsClient } from "effect-evals"
import type { Host, Reply } from "./host.ts"

const bodyOf = (reply: Reply): ReadableStream<Uint8Array<ArrayBuffer>> => {
  let left = reply.lostAfter ?? Number.POSITIVE_INFINITY
  const pieces = reply.body[Symbol.iterator]()
  return new ReadableStream({
    pull: (controller) => {
      const next = pieces.next()
      if (left <= 0) controller.error(new Error("the connection was lost"))
      else if (next.done === true) controller.close()
      else {
        controller.enqueue(new Uint8Array(next.value.subarray(0, left)))
        left -= next.value.length
      }
    }
  })
}

/** What a test sees of the traffic. */
export interface Traffic {
  /** Requests that wait for their answers. */
  inFlight: number
  most: number
}

const httpClient = (host: Host, traffic: Traffic) =>
  HttpClient.make((request, url) =>
    Effect.gen(function* () {
      const now = yield* Clock.currentTimeMillis
      const reply = host.reply({ path: url.pathname.replace(/^\/v1/, ""), query: url.searchParams, now })
      traffic.inFlight++
      traffic.most = Math.max(traffic.most, traffic.inFlight)
      yield* Effect.sleep(reply.delay)
      if (reply.lostAfter === 0) {
        return yield* new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, description: "the connection was lost" })
        })
      }
      return HttpClientResponse.fromWeb(
        request,
        new Response(bodyOf(reply), { status: reply.status, headers: { ...reply.headers } })
      )
    }).pipe(
      Effect.ensuring(
        Effect.sync(() => {
          traffic.inFlight--
        })
      )
    )
  )

/** A client of the host. */
export const client = (host: Host, traffic: Traffic = { inFlight: 0, most: 0 }): Layer.Layer<EvalsClient.EvalsClient> =>
  EvalsClient.layer({ baseUrl: "http://host/v1" }).pipe(
    Layer.provide(Layer.succeed(HttpClient.HttpClient, httpClient(host, traffic))),
    Layer.orDie
  )
