/**
 * One entry of the models at work: its requests in the API that the endpoint has,
 * in the form that it takes, with attempts and within its limits.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import type * as Scope from "effect/Scope"
import { parseJson } from "../../schema/fields.ts"
import type { JsonObject } from "../rows/Row.ts"
import { listOf } from "../rows/SampleMessages.ts"
import * as Answer from "./Answer.ts"
import { cached } from "./AnswerCache.ts"
import * as Apis from "./Apis.ts"
import * as Attempts from "./Attempts.ts"
import * as embeddings from "./embeddings.ts"
import { embedTogether } from "./embedTogether.ts"
import { type Api, type Entry, type FunctionEntry, type HttpEntry, matcher, type Structured } from "./Entry.ts"
import * as Formats from "./Formats.ts"
import * as KeyRing from "./KeyRing.ts"
import { BadRequest, ModelError, type Reason, Unreadable, Untranslatable } from "./ModelError.ts"
import type { Call, Description, EmbedCall, Embeddings, Request, Resolved } from "./Models.ts"
import * as Pacer from "./Pacer.ts"
import { isError } from "./readError.ts"
import { finish, renamed, structure } from "./requests/finish.ts"
import { translate } from "./requests/translate.ts"
import * as Transport from "./Transport.ts"

/** One entry at work. */
export interface Endpoint {
  readonly matches: (model: string) => boolean
  readonly describe: () => Description
  readonly resolve: (model: string) => Resolved
  readonly check: (request: Request) => ModelError | undefined
  readonly ask: (call: Call) => Effect.Effect<Answer.Answer, ModelError>
  readonly embed: (call: EmbedCall) => Effect.Effect<Embeddings, ModelError>
  readonly stats: () => Pacer.Stats
  /** Asks again after a configuration or an account was mended. */
  readonly reset: Effect.Effect<void>
}

/** A request in the API and the form of the endpoint. */
interface Sent {
  readonly api: Api
  readonly body: JsonObject
  /** `body` as it is sent. */
  readonly text: string
  /** The model's name at the endpoint. */
  readonly model: string
}

/** The part of an entry that differs between an endpoint that speaks HTTP and a function. */
interface Backend {
  readonly endpoint: string
  readonly isLoopback: boolean
  readonly key: Description["key"]
  readonly api: HttpEntry["api"]
  readonly parameters: HttpEntry["parameters"]
  /** Makes the attempts at a request; each of them may have another key. */
  readonly once: (sent: Sent) => Pick<Attempts.Attempted<Answer.Answer>, "once" | "mend">
  readonly embed: embeddings.Post | undefined
}

/** The name of a function in place of an address. */
export const functionEndpoint = "a function"

// =============================================================================
// HTTP
// =============================================================================

/** Reads an answer with status 200 to 299. */
const readAnswer = (sent: Sent, answered: Transport.Answered): Effect.Effect<Answer.Answer, Reason> => {
  const answer = Answer.read(sent.api, answered.text, sent.model)
  if (Result.isSuccess(answer) && !isError(answer.success.fields)) return Effect.succeed(answer.success)
  return Result.isSuccess(answer) || isError(parseJson(answered.text))
    ? Effect.flatMap(Transport.errorIn(answered), (reason) => Effect.fail(reason))
    : Effect.fail(Transport.unreadable(answered, answer.failure))
}

/** Runs attempts with the key of the moment, and reads the key again where it was refused with 401. */
const keyed = <A>(
  keys: KeyRing.KeyRing,
  once: (key: Redacted.Redacted | undefined, observe: Transport.Observe) => Effect.Effect<A, Reason>
): Pick<Attempts.Attempted<A>, "once" | "mend"> => {
  let used: Redacted.Redacted | undefined
  return {
    once: (observe) =>
      Effect.flatMap(keys.current, (key) => {
        used = key
        return once(key, observe)
      }),
    mend: (reason) => (reason._tag === "KeyRefused" && reason.status === 401 ? keys.renew(used) : Effect.succeed(false))
  }
}

const http = <R>(entry: HttpEntry<R>): Effect.Effect<Backend, never, HttpClient.HttpClient | R> =>
  Effect.gen(function* () {
    const transport = Transport.make(entry, yield* HttpClient.HttpClient)
    const keys = yield* KeyRing.make(entry.key)
    return {
      endpoint: transport.endpoint,
      isLoopback: transport.isLoopback,
      key: entry.key === undefined ? "none" : Effect.isEffect(entry.key) ? "read" : "given",
      api: entry.api,
      parameters: entry.parameters,
      once: (sent) =>
        keyed(keys, (key, observe) =>
          Effect.flatMap(transport.post(Apis.paths[sent.api], sent.text, key, observe), (answered) =>
            readAnswer(sent, answered)
          )
        ),
      embed: (body) => {
        const text = JSON.stringify(renamed(body, entry.parameters ?? {}))
        return keyed(keys, (key, observe) => transport.post(embeddings.path, text, key, observe))
      }
    }
  })

// =============================================================================
// functions
// =============================================================================

const ofFunction = <R>(entry: FunctionEntry<R>): Effect.Effect<Backend, never, R> =>
  Effect.map(Effect.context<R>(), (context) => ({
    endpoint: functionEndpoint,
    isLoopback: false,
    key: "none" as const,
    api: "chat" as const,
    parameters: undefined,
    once: ({ body, model }) => ({
      once: () =>
        entry
          .answer({ ...body, model, messages: listOf(body["messages"]).map((message) => ({ ...Object(message) })) })
          .pipe(
            Effect.provideContext(context),
            Effect.mapError(({ reason }): Reason => reason),
            Effect.catchDefect(
              (defect): Effect.Effect<never, Reason> =>
                new BadRequest({ message: `the function of the entry ended with a defect: ${String(defect)}` })
            ),
            Effect.flatMap((completion): Effect.Effect<Answer.Answer, Reason> => {
              const text = Result.try({ try: () => JSON.stringify(completion), catch: String })
              const answer = Result.flatMap(text, (json) => Answer.read("chat", json, model))
              return Result.isSuccess(answer)
                ? Effect.succeed(answer.success)
                : new Unreadable({ message: `the answer of the function cannot be read: ${answer.failure}`, body: "" })
            })
          )
    }),
    embed: undefined
  }))

// =============================================================================
// an entry
// =============================================================================

/** The most tokens that a request asks for, under whatever name. */
const limitNames = ["max_completion_tokens", "max_output_tokens", "max_tokens"] as const

const mostTokens = (body: JsonObject): number => {
  for (const name of limitNames) {
    const limit = body[name]
    if (typeof limit === "number" && limit > 0) return limit
  }
  return 0
}

const coded = /[A-Za-z0-9+/=]{4096,}/g
const codedLength = 4096

/** The length of a body. An image or audio in base64 takes far fewer tokens than a text of its length. */
const lengthOf = (text: string): number => {
  let length = text.length
  if (length > 4 * codedLength) for (const [run] of text.matchAll(coded)) length -= run.length - codedLength
  return length
}

/** Puts an entry to work. The entry has been checked. */
export const make = <R>(entry: Entry<R>): Effect.Effect<Endpoint, never, HttpClient.HttpClient | R | Scope.Scope> =>
  Effect.gen(function* () {
    const backend = yield* "baseUrl" in entry ? http(entry) : ofFunction(entry)
    const { endpoint } = backend
    const pacer = yield* Pacer.make({ name: endpoint, loopback: backend.isLoopback, limits: entry.limits })
    const attempts = Attempts.make(pacer, { endpoint, price: entry.price })
    const apis = Apis.make(backend.api)
    const formats = Formats.make(entry.structured)
    const matches = matcher(entry.match)
    const nameOf = (model: string): string => entry.model ?? model
    const failed = (model: string) => (reason: Reason) => new ModelError({ model, endpoint, reason })

    /** The body in an API; the failure names what cannot be said in it. */
    const bodyFor = ({ body, dialect }: Request, api: Api): Result.Result<JsonObject, Untranslatable> => {
      if (api === dialect) return Result.succeed(body)
      const { body: translated, problems } = translate(dialect, body)
      if (problems.length === 0) return Result.succeed(translated)
      const lacks = dialect === "chat" ? "only has the responses API" : "only has chat completions"
      return Result.fail(
        new Untranslatable({
          message: `the endpoint ${lacks}, and the request has parts that cannot be translated: ${problems.join("; ")}`,
          places: problems
        })
      )
    }

    const askBy = (call: Call, api: Api, way: Structured | undefined, isDiscovery: boolean) => {
      const found = bodyFor(call, api)
      if (Result.isFailure(found)) return Effect.fail<Reason>(found.failure)
      const model = nameOf(call.body.model)
      const asked =
        way === undefined || call.structured === undefined
          ? found.success
          : structure(api, found.success, way, call.structured)
      const body = finish(api, asked, model, backend.parameters)
      const text = JSON.stringify(body)
      const asking = attempts.send({
        group: call.group,
        model,
        tokens: Pacer.estimateTokens(lengthOf(text), mostTokens(body)),
        operation: "chat",
        usageOf: ({ usage }) => usage,
        about: ({ finish_reason, model: resolved }) => ({ model: resolved, finishReason: finish_reason }),
        isFinal: (reason) => !isDiscovery || reason._tag !== "WrongAddress",
        ...backend.once({ api, body, text, model })
      })
      // the name of a function does not say what it answers
      return endpoint === functionEndpoint
        ? asking
        : cached({ endpoint, api, body: text, repetition: 0 }, model, asking)
    }

    const ask = (call: Call): Effect.Effect<Answer.Answer, Reason> =>
      apis.route(call.dialect, (api, isDiscovery) =>
        call.structured === undefined
          ? askBy(call, api, undefined, isDiscovery)
          : formats.ask(nameOf(call.body.model), (way) => askBy(call, api, way, isDiscovery))
      )

    const embed = yield* embedTogether((call) =>
      Effect.mapError(embeddings.embed(call, nameOf(call.model), attempts, backend.embed), failed(call.model))
    )

    return {
      matches,
      describe: () => ({
        match: entry.match,
        endpoint,
        model: entry.model,
        apis: apis.known(),
        key: backend.key,
        structured: entry.structured,
        limits: entry.limits ?? {},
        price: entry.price
      }),
      resolve: (model) => ({
        match: entry.match,
        endpoint,
        model: nameOf(model),
        apis: apis.known(),
        price: entry.price
      }),
      check: (request) => {
        if (apis.known()[request.dialect] !== "no") return undefined
        const found = bodyFor(request, request.dialect === "chat" ? "responses" : "chat")
        return Result.isFailure(found) ? failed(request.body.model)(found.failure) : undefined
      },
      ask: (call) => Effect.mapError(ask(call), failed(call.body.model)),
      embed,
      stats: pacer.stats,
      reset: Effect.andThen(apis.reset, attempts.reset)
    }
  })
