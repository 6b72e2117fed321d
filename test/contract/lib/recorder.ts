/** Writes down what hosts answer, without changing it. */
import { Effect, Stream } from "effect"
import { HttpClient, HttpServerResponse } from "effect/http"

/** An answer of a host. */
export interface Answer {
  readonly method: string
  /** The path behind `/v1`. */
  readonly path: string
  readonly status: number
  /** The media type, without parameters. */
  readonly contentType: string
  readonly body: string
}

/** Writes down answers. */
export interface Recorder {
  /** The answers so far. */
  readonly answers: Effect.Effect<ReadonlyArray<Answer>>
  /** A `fetch` whose answers are written down. */
  readonly fetch: (fetch: typeof globalThis.fetch) => typeof globalThis.fetch
  /** An `HttpClient` whose answers are written down. */
  readonly client: (client: HttpClient.HttpClient) => HttpClient.HttpClient
}

const pathOf = (url: string): string => new URL(url, "http://host").pathname.replace(/^\/v1(?=\/)/, "")

const mediaType = (header: string | null | undefined): string => header?.split(";")[0] ?? ""

/** Makes a recorder. */
export const make = (): Recorder => {
  const answers: Array<Answer> = []
  const reading: Array<Promise<unknown>> = []

  return {
    answers: Effect.promise(async () => {
      await Promise.all(reading)
      return answers
    }),

    fetch: (fetch) => async (input, init) => {
      const response = await fetch(input, init)
      const { headers, status } = response
      const url = input instanceof Request ? input.url : String(input)
      // openai-node asks whether this is a fetch that knows of forms
      if (url.startsWith("data:")) return response
      const method = init?.method ?? (input instanceof Request ? input.method : "GET")
      const path = pathOf(url)
      const contentType = mediaType(headers.get("content-type"))
      reading.push(
        response
          .clone()
          .text()
          .then((body) => answers.push({ method, path, status, contentType, body }))
      )
      return response
    },

    client: HttpClient.transformResponse((sent) =>
      Effect.map(sent, (response) => {
        const { headers, request, status } = response
        const contentType = mediaType(headers["content-type"])
        const decoder = new TextDecoder()
        const answer = { method: request.method, path: pathOf(request.url), status, contentType, body: "" }
        answers.push(answer)
        const stream = response.stream.pipe(
          Stream.tap((bytes) =>
            Effect.sync(() => {
              answer.body += decoder.decode(bytes, { stream: true })
            })
          )
        )
        return HttpServerResponse.toClientResponse(HttpServerResponse.stream(stream, { status, headers }), { request })
      })
    )
  }
}
