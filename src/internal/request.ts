/**
 * Sends an operation's request, with attempts, time limits and retries, and reads the answer.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Headers from "effect/http/Headers"
import * as HttpBody from "effect/http/HttpBody"
import type * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import type { EvalsError } from "../EvalsError.ts"
import type { CallOptions, ResponseInfo } from "../Options.ts"
import * as Retry from "../Retry.ts"
import { decode } from "./contentEncoding.ts"
import { hasEnded } from "./ended.ts"
import * as Errors from "./errorOfAnswer.ts"
import { makeLimit } from "./deadline.ts"
import { randomHex } from "./hex.ts"
import { formatPath, type Place } from "../schema/issues.ts"
import type { Operation, Request } from "./operation.ts"
import { rulesOf } from "./policy.ts"
import { applyHeaders, secretNames, type Secrets } from "./secrets.ts"
import { withSpan } from "./span.ts"

/** A function that is called with the answer of each successful request. */
export const Observer = Context.Reference<((info: ResponseInfo) => void) | undefined>("effect-evals/Observer", {
  defaultValue: () => undefined
})

/** The settings of a client. */
export interface Settings {
  readonly client: HttpClient.HttpClient
  readonly origin: string
  /** Whether a key is sent. */
  readonly keyed: boolean
  readonly secrets: Secrets
  readonly timeout: Duration.Input | undefined
  readonly retry: Retry.Policy | Retry.Relaxed | false | undefined
  readonly idempotentCreates: boolean
  readonly azure: boolean
}

/** Sends requests. */
export interface Requester {
  readonly send: <A>(operation: Operation<A>, options: CallOptions | undefined) => Effect.Effect<A, EvalsError>
  readonly stream: (operation: Request, options: CallOptions | undefined) => Stream.Stream<Uint8Array, EvalsError>
}

const bodyStart = 64 * 1024

const defaultTimeout = Duration.minutes(2)

// an error after which it is certain that the host created nothing
const createdNothing = ({ reason }: EvalsError): boolean =>
  reason._tag === "RateLimitError" || (reason._tag === "ConnectionError" && reason.beforeSending)

/** Makes the requester of a client. */
export const make = (settings: Settings): Requester => {
  const limited = makeLimit()
  const warned = new Set<string>()

  const warn = (name: string, unknownKeys: ReadonlyArray<Place>) =>
    Effect.suspend(() => {
      // the rows of a list share their mistakes, so all of them get one line
      const keys = unknownKeys.map((place) => formatPath(place.path).replace(/\[\d+\]/g, "[]"))
      const fresh = [...new Set(keys)].filter((key) => !warned.has(`${name} ${key}`))
      if (fresh.length === 0 || warned.size > 1000) return Effect.void
      for (const key of fresh) warned.add(`${name} ${key}`)
      return Effect.logWarning(
        `${name}: sent ${fresh.join(", ")}, which the API does not name; a host may ignore it silently`
      )
    })

  const repeatable = (operation: Request, error: EvalsError) =>
    operation.repeat === "safe" ||
    (operation.repeat === "creates" && (settings.idempotentCreates || createdNothing(error)))

  const invalid = ({ name }: Request, places: ReadonlyArray<Place>) => Effect.fail(Errors.unencodable(name, places))

  /** Builds and checks a request. Synchronous, so that most requests cost no steps of a fiber. */
  const request = (
    operation: Request,
    options: CallOptions | undefined
  ): Effect.Effect<HttpClientRequest.HttpClientRequest, EvalsError> => {
    const { bad, text } = (settings.azure ? operation.azurePath : undefined) ?? operation.path
    if (bad !== undefined) {
      return invalid(operation, [
        { path: [bad.name], message: `${JSON.stringify(bad.id)} cannot be an id`, unexpected: false }
      ])
    }
    const query = operation.query?.()
    if (query !== undefined && Result.isFailure(query)) return invalid(operation, query.failure)
    const search: Array<string> = []
    for (const [key, value] of Object.entries(query?.success.value ?? {})) {
      if (typeof value === "string" && !value.isWellFormed()) {
        // the id of a page's last item may be such a text
        return invalid(operation, [{ path: [key], message: "is no well-formed text", unexpected: false }])
      }
      if (value !== undefined && value !== null) search.push(`${key}=${encodeURIComponent(value)}`)
    }
    let built = HttpClientRequest.make(operation.method)(search.length === 0 ? text : `${text}?${search.join("&")}`)
    if (operation.accept !== undefined) built = HttpClientRequest.accept(built, operation.accept)
    const body = operation.body?.()
    if (body !== undefined) {
      if (Result.isFailure(body)) return invalid(operation, body.failure)
      const { value } = body.success
      built = HttpClientRequest.setBody(
        built,
        typeof value === "string" ? HttpBody.text(value, "application/json") : value
      )
    }
    if (options?.headers !== undefined) built = applyHeaders(built, options.headers)
    const unknownKeys = [...(query?.success.unknownKeys ?? []), ...(body?.success.unknownKeys ?? [])]
    const warned =
      unknownKeys.length === 0 ? Effect.succeed(built) : Effect.as(warn(operation.name, unknownKeys), built)
    return operation.repeat === "creates" && settings.idempotentCreates && !("idempotency-key" in built.headers)
      ? Effect.flatMap(randomHex(32), (key) =>
          Effect.map(warned, HttpClientRequest.setHeader("idempotency-key", `effect-evals-${key}`))
        )
      : warned
  }

  const answerOf = (operation: Request, { headers, status }: HttpClientResponse.HttpClientResponse, text: string) =>
    Effect.map(Clock.currentTimeMillis, (now) => ({
      now,
      answer: {
        status,
        headers,
        text,
        hasEnded: hasEnded({ origin: settings.origin, path: operation.path.text, status, body: text, now })
      }
    }))

  /** Sends one attempt. `read` reads a successful answer. */
  const attempt = <A>(
    operation: Request,
    built: HttpClientRequest.HttpClientRequest,
    options: CallOptions | undefined,
    read: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, EvalsError>
  ): Effect.Effect<A, EvalsError> => {
    const scrub = settings.secrets.scrub(options?.headers)
    const asked = options?.timeout ?? settings.timeout ?? operation.timeout
    const timeout = asked === undefined ? defaultTimeout : Duration.fromInputUnsafe(asked)
    const failed = (error: HttpClientError) =>
      Effect.fail(Errors.fromTransport(operation.name, error, settings.origin, scrub))
    // a status that the application's own client refuses is still an answer
    const sent = Effect.catch(settings.client.execute(built), (error) =>
      error.reason._tag === "StatusCodeError" ? Effect.succeed(decode(error.reason.response)) : failed(error)
    )
    const answered = Effect.flatMap(sent, (response) =>
      response.status >= 200 && response.status < 300
        ? read(response)
        : Effect.flatMap(Effect.catch(response.text, failed), (text) =>
            Effect.flatMap(answerOf(operation, response, text), ({ answer, now }) =>
              Effect.fail(Errors.fromAnswer(operation.name, answer, scrub, now, settings.keyed))
            )
          )
    )
    const bounded = limited(answered, timeout, () => Errors.timedOut(operation.name, timeout))
    const names = secretNames(options?.headers)
    const hidden =
      names.length === 0
        ? bounded
        : Effect.updateService(bounded, Headers.CurrentRedactedNames, (current) => [...current, ...names])
    return operation.untorn === true ? Effect.uninterruptible(hidden) : hidden
  }

  const ownPolicy = settings.retry ?? Retry.transient()
  const obeying = Schedule.modifyDelay(({ duration, input }: Schedule.Metadata<unknown, EvalsError>) =>
    Effect.succeed(Duration.max(duration, input.retryAfter ?? duration))
  )

  const retried = <A>(
    operation: Request,
    options: CallOptions | undefined,
    read: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, EvalsError>
  ): Effect.Effect<A, EvalsError> =>
    Effect.flatMap(
      Effect.suspend(() => request(operation, options)),
      (built) => {
        const once = attempt(operation, built, options, read)
        // most requests succeed, so the policy starts with the first failure
        return Effect.catch(once, (error) => {
          let attempts = 0
          const again = Effect.suspend(() =>
            attempts++ === 0
              ? Effect.fail(error)
              : Effect.andThen(Effect.annotateCurrentSpan("http.request.resend_count", attempts - 1), once)
          )
          return Effect.flatMap(Retry.CurrentPolicy, (current) => {
            const { ignoreRetryAfter, policy, retryable } = rulesOf(
              (options?.retry ?? current ?? ownPolicy) || Retry.none
            )
            return Effect.retry(again, {
              schedule: ignoreRetryAfter === true ? policy : obeying(policy),
              while: (error) => retryable(error) && repeatable(operation, error)
            })
          })
        })
      }
    ).pipe(
      withSpan(`EvalsClient.${operation.name}`, {
        kind: "client",
        attributes: { "http.request.method": operation.method, ...operation.path.ids }
      })
    )

  const observed = <A>(response: HttpClientResponse.HttpClientResponse, value: A): Effect.Effect<A> =>
    Effect.map(Observer, (observer) => {
      observer?.({
        status: response.status,
        headers: { ...response.headers },
        requestId: Errors.requestIdOf(response.headers)
      })
      return value
    })

  return {
    send: (operation, options) =>
      retried(operation, options, (response) => {
        const scrub = settings.secrets.scrub(options?.headers)
        const { decodeBytes } = operation
        const body =
          decodeBytes === undefined
            ? Effect.map(response.text, (text) => ({ decoded: operation.decode(text), text: () => text }))
            : Effect.map(response.arrayBuffer, (buffer) => ({
                decoded: decodeBytes(new Uint8Array(buffer)),
                // an error keeps the beginning of the body, which may be longer than a string can be
                text: () => new TextDecoder().decode(buffer.slice(0, bodyStart))
              }))
        return Effect.flatMap(
          Effect.mapError(body, (error) => Errors.fromTransport(operation.name, error, settings.origin, scrub)),
          ({ decoded, text }) =>
            Result.isSuccess(decoded)
              ? observed(response, decoded.success)
              : Effect.flatMap(answerOf(operation, response, text()), ({ answer }) =>
                  Effect.fail(Errors.undecodable(operation.name, answer, decoded.failure, scrub))
                )
        )
      }),

    stream: (operation, options) =>
      Stream.unwrap(
        Effect.map(
          retried(operation, options, (response) => observed(response, response)),
          (answered) =>
            Stream.catch(answered.stream, (error) =>
              // an empty file has no body to stream
              error.reason._tag === "EmptyBodyError"
                ? Stream.empty
                : Stream.fail(
                    Errors.fromTransport(
                      operation.name,
                      error,
                      settings.origin,
                      settings.secrets.scrub(options?.headers)
                    )
                  )
            )
        )
      )
  }
}
