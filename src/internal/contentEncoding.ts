/**
 * Decompression of answers. `fetch` decompresses by itself. Other transports return the bytes that the host sent.
 *
 * @internal
 */
import * as Headers from "effect/http/Headers"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"

type Format = ConstructorParameters<typeof DecompressionStream>[0]

// the platform's name of each content coding
const formats: { readonly [coding: string]: Format } = {
  gzip: "gzip",
  "x-gzip": "gzip",
  deflate: "deflate",
  br: "brotli"
}

const made = (format: Format): DecompressionStream | undefined => {
  try {
    return new DecompressionStream(format)
  } catch {
    // a platform without the format throws a TypeError
    return undefined
  }
}

/** Returns the content codings of an answer, in the order in which the host applied them. */
export const codingsOf = (headers: Headers.Headers): ReadonlyArray<string> =>
  (headers["content-encoding"] ?? "")
    .split(",")
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== "" && coding !== "identity")

// RFC 9110 requires a zlib header for deflate, which some hosts leave out; browsers accept both
const formatOf = (format: Format, [first = 0]: Uint8Array): Format =>
  format === "deflate" && (first & 0x0f) !== 8 ? "deflate-raw" : format

const decompressed = (bytes: ReadableStream<Uint8Array>, format: Format): ReadableStream<Uint8Array> => {
  const source = bytes.getReader()
  let result: ReadableStreamDefaultReader<Uint8Array> | undefined
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (result === undefined) {
        const first = await source.read()
        // an empty body is not a truncated one
        if (first.done) return controller.close()
        result = new ReadableStream<Uint8Array<ArrayBuffer>>({
          start: (whole) => whole.enqueue(new Uint8Array(first.value)),
          pull: async (whole) => {
            const next = await source.read()
            if (next.done) whole.close()
            else whole.enqueue(new Uint8Array(next.value))
          },
          cancel: (reason) => source.cancel(reason)
        })
          .pipeThrough(new DecompressionStream(formatOf(format, first.value)))
          .getReader()
      }
      const next = await result.read()
      if (next.done) controller.close()
      else controller.enqueue(next.value)
    },
    cancel: (reason) => (result ?? source).cancel(reason)
  })
}

/**
 * Decompresses the body of an answer, and removes the headers of the compressed body. Returns the answer unchanged if
 * the platform lacks one of its content codings.
 */
export const decode = (response: HttpClientResponse.HttpClientResponse): HttpClientResponse.HttpClientResponse => {
  // most answers are not compressed
  if (response.headers["content-encoding"] === undefined) return response
  // `fetch` has decompressed its answer, and keeps the header
  if (Option.isSome(HttpClientResponse.toWeb(response))) return response
  const codings = codingsOf(response.headers)
  const wanted = codings.flatMap((coding) => formats[coding] ?? [])
  const decodable = wanted.length === codings.length && wanted.every((format) => made(format) !== undefined)
  if (!decodable || codings.length === 0 || [204, 205, 304].includes(response.status)) return response
  const body = wanted.reduceRight(decompressed, Stream.toReadableStream(response.stream))
  return HttpClientResponse.fromWeb(
    response.request,
    new Response(body, {
      status: response.status,
      headers: Headers.removeMany(response.headers, ["content-encoding", "content-length"])
    })
  )
}
