/**
 * The host of a command: its address, its key, its errors and the first contact.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as EvalsClient from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { optional } from "../internal/environment.ts"
import * as Raw from "../Raw.ts"
import * as Retry from "../Retry.ts"
import type { EvalId } from "../schema/Ids.ts"
import { transport } from "./proxy.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** A host, and a client of it. */
export interface Host {
  readonly origin: string
  readonly projectId: string | undefined
  readonly layer: Layer.Layer<EvalsClient.EvalsClient, Stop>
}

/** Values of the command line. They take precedence over `OPENAI_BASE_URL` and `OPENAI_PROJECT_ID`. */
export interface Given {
  readonly baseUrl: string | undefined
  readonly project?: string | undefined
}

/** The flag or environment variable of each option of a client. */
const sources: { readonly [option: string]: string } = {
  baseUrl: "--base-url (or OPENAI_BASE_URL)",
  apiKey: "OPENAI_API_KEY",
  organization: "OPENAI_ORG_ID",
  project: "--project (or OPENAI_PROJECT_ID)"
}

const wrongOption = ({ advice, detail, option }: EvalsClient.OptionsError): Stop =>
  couldNotRun(`${sources[option] ?? option} ${detail}${advice === undefined ? "" : `; ${advice}`}.`)

/** Finds the host from the command line and the environment. */
export const fromEnvironment = (given: Given): Effect.Effect<Host, Stop> =>
  Effect.gen(function* () {
    const address = given.baseUrl ?? (yield* optional(Config.NonEmptyString("OPENAI_BASE_URL")))
    const apiKey: Redacted.Redacted | undefined = yield* optional(Config.Redacted("OPENAI_API_KEY"))
    const organization = yield* optional(Config.NonEmptyString("OPENAI_ORG_ID"))
    const project = given.project ?? (yield* optional(Config.NonEmptyString("OPENAI_PROJECT_ID")))
    if (address === undefined && apiKey === undefined) {
      return yield* couldNotRun(
        "OPENAI_API_KEY is not set. Set it to a key of the project (to save it, a key with read permission is enough), " +
          "or name a host that needs no key with --base-url."
      )
    }
    const baseUrl = address ?? "https://api.openai.com/v1"
    const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
    return {
      origin: url?.origin ?? baseUrl,
      projectId: project,
      layer: Layer.effect(
        EvalsClient.EvalsClient,
        Effect.mapError(EvalsClient.make({ apiKey, baseUrl: address, organization, project }), wrongOption)
      ).pipe(Layer.provide(yield* transport(url)))
    }
  }).pipe(Effect.catchTag("ConfigError", (error) => Effect.fail(couldNotRun(error.message))))

/** The result of the first contact. */
export interface Answer {
  /** The project, if the host names it. */
  readonly project: string | undefined
  /** Whether the lists are empty with this key. */
  readonly empty: boolean
  /** The message that the Evals API of the host has ended. Set if its files can still be read. */
  readonly ended: string | undefined
}

type Request = Effect.Effect<Raw.RawPage, EvalsError, EvalsClient.EvalsClient>

const noApi = (origin: string): string =>
  `${origin} does not look like an Evals API. Check --base-url; it ends in the version, as https://api.openai.com/v1 does`

/** Operations whose path has no id: status 404 then means that the address is wrong. */
const ofTheApi = new Set(["createEval", "listEvalsPage", "uploadFile", "listFilesPage"])

/** Error codes of certificates that Node does not accept. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_GET_ISSUER|ERR_TLS/

const unreachable = (code: string): string =>
  certificate.test(code)
    ? "The certificate of the host is not accepted. Where it is your company's own, name the file of its authority in NODE_EXTRA_CA_CERTS"
    : "Check --base-url (or OPENAI_BASE_URL) and the network, and call the same command again"

/** Returns the command's own advice for an error, which names its flags. Undefined if the advice of the client fits. */
const adviceOf = (error: EvalsError, origin: string): string | undefined => {
  if (error.hasEnded) return undefined
  switch (error.reason._tag) {
    case "AuthenticationError":
      return "Check the key in OPENAI_API_KEY"
    case "NotFoundError":
      return ofTheApi.has(error.method) ? noApi(origin) : undefined
    case "DecodeError":
      // the error of an endless list: the host is an Evals API
      return error.method === "list" ? undefined : noApi(origin)
    case "StatusError":
      return error.reason.status >= 300 && error.reason.status < 400
        ? "No redirect is followed. Name the new address with --base-url (or OPENAI_BASE_URL); it ends in the version, as " +
            "https://api.openai.com/v1 does"
        : undefined
    case "ConnectionError":
      return unreachable(error.reason.code ?? "")
    case "TimeoutError":
      return unreachable("")
    default:
      return undefined
  }
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const withAdvice = ({ method, reason, requestId, status }: EvalsError, own: string | undefined): Stop => {
  const advice = own ?? reason.advice
  const number = status === undefined || reason._tag === "DecodeError" ? "" : `${status} `
  const request = requestId === undefined ? "" : ` [request ${requestId}]`
  return couldNotRun(
    `${method}: ${number}${reason.detail}${request}${advice === undefined ? "" : `\n${upperFirst(advice)}.`}`
  )
}

/** Converts an error of a host. */
export const explain =
  (origin: string) =>
  (error: EvalsError): Stop =>
    withAdvice(error, adviceOf(error, origin))

const adviceForArchive = (error: EvalsError, origin: string): string | undefined => {
  if (error.hasEnded) return undefined
  switch (error.reason._tag) {
    case "AuthenticationError":
      return `${origin} does not accept the key in OPENAI_API_KEY`
    case "PermissionDeniedError":
      return (
        "the key may read neither evals nor files. Give it read permission for both, or take a key of somebody who " +
        "has it (OPENAI_API_KEY, and OPENAI_PROJECT_ID for a project other than the key's own)"
      )
    case "NotFoundError":
      return noApi(origin)
    default:
      return (
        adviceOf(error, origin) ??
        (error.isRetryable ? "Call the same command again later: it resumes where it stopped" : undefined)
      )
  }
}

/**
 * Sends the first requests to a host before anything is written. A wrong key or address is reported at once. A key that
 * may read only a part is accepted.
 */
export const contact = (
  origin: string,
  evalIds: ReadonlyArray<EvalId> | undefined
): Effect.Effect<Answer, Stop, EvalsClient.EvalsClient> =>
  Effect.gen(function* () {
    const requests: ReadonlyArray<Request> =
      evalIds === undefined
        ? [Raw.listEvalsPage({ limit: 1 }), Raw.listFilesPage({ purpose: "evals", limit: 1 })]
        : evalIds.map((evalId) => Raw.single(Raw.retrieveEval(evalId)))
    let first: EvalsError | undefined
    let answered: Answer | undefined
    for (const request of requests) {
      const tried = yield* EvalsClient.withResponse(request).pipe(
        Retry.withPolicy(Retry.transient({ times: 3, maxRetryAfter: "2 minutes" })),
        Effect.result
      )
      if (tried._tag === "Failure") {
        first ??= tried.failure
        if (tried.failure.status === undefined) break
      } else {
        const { data, response } = tried.success
        answered = {
          project: answered?.project ?? response?.headers["openai-project"],
          empty: data.data.length === 0,
          ended: first?.hasEnded === true ? first.message : undefined
        }
        if (!answered.empty) return answered
      }
    }
    if (answered !== undefined && first === undefined) return answered
    if (first === undefined) return { project: undefined, empty: true, ended: undefined }
    // every request was refused, or the readable lists are empty
    return yield* withAdvice(first, adviceForArchive(first, origin))
  })
