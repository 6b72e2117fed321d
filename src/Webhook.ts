/**
 * Webhooks: events that the host posts when a run ends, verified with the secret of the endpoint. They need WebCrypto,
 * which browsers, workers, Deno, Bun and Node have.
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decoder } from "./internal/codec.ts"
import { findHeader } from "./internal/webhookHeader.ts"
import { fromBase64, signaturesOf, signedContent } from "./internal/webhookSignature.ts"
import { formatPath } from "./schema/issues.ts"
import * as WebhookEvent from "./schema/WebhookEvent.ts"

/**
 * The reasons for which a webhook is refused.
 *
 * @category schemas
 * @since 0.1.0
 */
export const WebhookErrorReason = Schema.Literals([
  "MissingHeader",
  "InvalidSecret",
  "TimestampOutOfTolerance",
  "SignatureMismatch",
  "InvalidPayload"
])
/**
 * The reasons for which a webhook is refused.
 *
 * @category models
 * @since 0.1.0
 */
export type WebhookErrorReason = typeof WebhookErrorReason.Type

/**
 * A refused webhook. `InvalidSecret` is a fault of the receiver's configuration. For any other reason, answer the request
 * with status 400. The error does not hold the secret.
 *
 * @category errors
 * @since 0.1.0
 */
export class WebhookError extends Schema.TaggedError<WebhookError>("effect-evals/WebhookError")("WebhookError", {
  /** The reason of the refusal. */
  reason: WebhookErrorReason,
  message: Schema.String
}) {}

/**
 * Headers of a request: a record in any letter case, as Node and Effect have them, or the web's `Headers`.
 *
 * @category options
 * @since 0.1.0
 */
export type HeadersInput =
  | { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  | Iterable<readonly [name: string, value: string]>

/**
 * A received webhook, and the secret to verify it with.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * The raw text or bytes of the received body. A parsed body is an `InvalidPayload`. A body that was parsed and written
   * again has another signature.
   */
  readonly body: string | Uint8Array
  /** The request's headers. `webhook-id`, `webhook-timestamp` and `webhook-signature` are read. */
  readonly headers: HeadersInput
  /** The secret of the endpoint: `whsec_` and base64, as the host shows it. Any other text is the key itself. */
  readonly secret: Redacted.Redacted
  /**
   * The greatest difference between the time of sending and this machine's clock, in either direction. A bare number is
   * milliseconds. Default 5 minutes.
   */
  readonly tolerance?: Duration.Input | undefined
}

const defaultTolerance = Duration.minutes(5)

const prefix = "whsec_"

const refuse = (reason: WebhookErrorReason, message: string): WebhookError => new WebhookError({ reason, message })

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text)

const requiredHeader = Effect.fnUntraced(function* (headers: HeadersInput | null | undefined, wanted: string) {
  const found = yield* Effect.try({
    try: () => findHeader(headers, wanted),
    catch: () =>
      refuse(
        "MissingHeader",
        `option headers cannot be searched for ${wanted}: pass a record of texts, or pairs of a name and a text`
      )
  })
  return (
    found ??
    (yield* refuse(
      "MissingHeader",
      `the header ${wanted} is missing: pass all headers of the request, and check that no proxy takes this one away`
    ))
  )
})

const subtle: Effect.Effect<typeof globalThis.crypto.subtle> = Effect.suspend(() => {
  // absent from pages of browsers that were not loaded over HTTPS
  const found: typeof globalThis.crypto.subtle | undefined = globalThis.crypto?.subtle
  return found === undefined
    ? Effect.die(new Error("globalThis.crypto.subtle is missing: webhooks are verified by WebCrypto"))
    : Effect.succeed(found)
})

const importKey = Effect.fnUntraced(function* (redacted: Redacted.Redacted | undefined) {
  if (!Redacted.isRedacted(redacted)) {
    return yield* refuse("InvalidSecret", "option secret is not redacted: pass Redacted.make(secret)")
  }
  const secret = yield* Effect.try({
    try: () => Redacted.value(redacted),
    catch: () => refuse("InvalidSecret", "the secret was wiped from memory: keep it as long as webhooks arrive")
  })
  if (typeof secret !== "string") {
    return yield* refuse("InvalidSecret", "the secret is no text: check that the variable it is read from is set")
  }
  const bytes = secret.startsWith(prefix) ? fromBase64(secret.slice(prefix.length)) : new TextEncoder().encode(secret)
  if (bytes === undefined) {
    return yield* refuse(
      "InvalidSecret",
      `what follows ${prefix} in the secret is no base64: copy the endpoint's secret whole, as the host shows it`
    )
  }
  if (bytes.length === 0) {
    return yield* refuse(
      "InvalidSecret",
      "the secret is empty: set it to the secret that the host shows for the endpoint"
    )
  }
  const crypto = yield* subtle
  return yield* Effect.tryPromise({
    try: () => crypto.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]),
    catch: () => refuse("InvalidSecret", "WebCrypto does not take the secret as a key")
  })
})

const checkTime = Effect.fnUntraced(function* (timestamp: string, tolerance: Duration.Input) {
  const limit = Option.getOrUndefined(Duration.fromInput(tolerance))
  if (limit === undefined) {
    return yield* refuse("TimestampOutOfTolerance", 'option tolerance is no duration; write it like "5 minutes"')
  }
  if (!/^\d{1,15}$/.test(timestamp)) {
    return yield* refuse(
      "TimestampOutOfTolerance",
      `the header webhook-timestamp is ${quote(timestamp)}, which is no time in Unix seconds`
    )
  }
  const age = Math.floor((yield* Clock.currentTimeMillis) / 1000) - Number(timestamp)
  if (Math.abs(age) > Duration.toSeconds(limit)) {
    return yield* refuse(
      "TimestampOutOfTolerance",
      `the header webhook-timestamp is ${timestamp}, ${Math.abs(age)} s ${age > 0 ? "before" : "after"} this machine's ` +
        `clock, and ${Duration.format(limit)} are allowed: check the clock, or set option tolerance`
    )
  }
})

/** Returns the bytes of a body. Many servers parse the body before a handler sees it: such a value has no signature. */
const bytesOf = (body: unknown): Effect.Effect<Uint8Array, WebhookError> => {
  const unusable = (is: string) =>
    refuse(
      "InvalidPayload",
      `option body is ${is}, which cannot be verified: pass the raw text ` +
        "of the request, or its bytes as Uint8Array, before anything parses it"
    )
  if (typeof body === "string") return Effect.succeed(new TextEncoder().encode(body))
  if (!ArrayBuffer.isView(body)) return Effect.fail(unusable(body === null ? "null" : `of type ${typeof body}`))
  return Effect.try({
    try: () => new Uint8Array(body.buffer, body.byteOffset, body.byteLength),
    catch: () => unusable("a view of a buffer that was transferred")
  })
}

// a caller without types may pass no options at all
const given = (options: Options | null | undefined): Partial<Options> => options ?? {}

/**
 * Verifies that a webhook comes from the host and is recent. It does not decode the body. Fails with a `WebhookError`.
 *
 * The scheme is that of standard-webhooks: HMAC-SHA256 over id, time and body, compared in constant time. One matching
 * signature among several is enough, because a host sends two while a secret is replaced. Signatures of unknown versions
 * are ignored, and all after the 32nd.
 *
 * Three rules are stricter than those of openai-node's `verifySignature`. They affect no webhook of a host: an empty
 * header counts as missing, a time has digits only, and a secret after `whsec_` is base64.
 *
 * **Example** (Verification without the event)
 *
 * ```ts
 * import { Effect, Redacted } from "effect"
 * import { Webhook } from "effect-evals"
 *
 * export const isGenuine = (body: string, headers: Headers, secret: Redacted.Redacted) =>
 *   Webhook.verify({ body, headers, secret, tolerance: "1 minute" }).pipe(
 *     Effect.as(true),
 *     Effect.orElseSucceed(() => false)
 *   )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const verify: (options: Options) => Effect.Effect<void, WebhookError> = Effect.fn("Webhook.verify")(
  function* (options) {
    const { body, headers, secret, tolerance = defaultTolerance } = given(options)
    const bytes = yield* bytesOf(body)
    const key = yield* importKey(secret)
    const id = yield* requiredHeader(headers, "webhook-id")
    const timestamp = yield* requiredHeader(headers, "webhook-timestamp")
    const signatures = signaturesOf(yield* requiredHeader(headers, "webhook-signature"))
    yield* checkTime(timestamp, tolerance)
    const crypto = yield* subtle
    const content = signedContent(id, timestamp, bytes)
    for (const signature of signatures) {
      const signed = fromBase64(signature)
      if (signed === undefined) continue
      const matches = yield* Effect.tryPromise(() => crypto.verify("HMAC", key, signed, content)).pipe(
        Effect.orElseSucceed(() => false)
      )
      if (matches) return
    }
    return yield* refuse(
      "SignatureMismatch",
      signatures.length === 0
        ? "the header webhook-signature has no signature of version v1: check that the host signs as standard-webhooks does"
        : "no signature in the header webhook-signature fits: check that the secret is this endpoint's, and that option " +
            "body is the body as it arrived, not parsed and written again"
    )
  }
)

const decode = decoder(WebhookEvent.WebhookEvent)

const text = (body: string | Uint8Array): Result.Result<string, string> =>
  typeof body === "string"
    ? Result.succeed(body)
    : Result.try({ try: () => new TextDecoder("utf-8", { fatal: true }).decode(body), catch: () => "no UTF-8" })

/**
 * Verifies a webhook as {@link verify} does, and decodes its event. Fails with a `WebhookError`. An event of an unknown
 * `type` is returned unchanged. The event of a run holds the id of the run only: keep the id of the eval yourself.
 *
 * **Example** (A handler of web requests)
 *
 * ```ts
 * import { Config, Effect } from "effect"
 * import { Webhook } from "effect-evals"
 *
 * export const handle = (request: Request) =>
 *   Effect.gen(function* () {
 *     const secret = yield* Config.Redacted("OPENAI_WEBHOOK_SECRET")
 *     const body = yield* Effect.promise(() => request.text())
 *     const event = yield* Webhook.unwrap({ body, headers: request.headers, secret })
 *     if (event.type === "eval.run.succeeded") yield* Effect.log(`${event.data.id} is done`)
 *     return new Response(null, { status: 204 })
 *   }).pipe(Effect.catchTag("WebhookError", (error) => Effect.succeed(new Response(error.message, { status: 400 }))))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const unwrap: (options: Options) => Effect.Effect<WebhookEvent.WebhookEvent, WebhookError> = Effect.fn(
  "Webhook.unwrap"
)(function* (options) {
  yield* verify(options)
  const event = Result.flatMap(text(options.body), decode)
  if (Result.isSuccess(event)) return event.success
  const problem = event.failure
  if (typeof problem === "string") {
    return yield* refuse("InvalidPayload", `the signature fits, but the body is no JSON (${problem})`)
  }
  const first = problem[0]
  const at = first === undefined || first.path.length === 0 ? "the body" : formatPath(first.path)
  return yield* refuse(
    "InvalidPayload",
    `the signature fits, but the body is no event: ${at}: ${first?.message ?? "unreadable"}`
  )
})
