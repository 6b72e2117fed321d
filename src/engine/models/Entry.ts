/**
 * Entries of the models: which endpoint is asked for a model, and how.
 */
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { JsonObject } from "../rows/Row.ts"
import type { ModelError } from "./ModelError.ts"

/**
 * An API of an endpoint: `/chat/completions` or `/responses`.
 *
 * @category models
 * @since 0.1.0
 */
export type Api = "chat" | "responses"

/**
 * The way in which a judge is asked for a structured answer: by a format with the
 * schema, by the format `json_object` with the schema in the prompt, or by the
 * prompt alone.
 *
 * @category models
 * @since 0.1.0
 */
export type Structured = "json_schema" | "json_object" | "prompt"

/**
 * The limits of an endpoint, shared by all that asks it. What is not set is learned.
 *
 * @category options
 * @since 0.1.0
 */
export interface Limits {
  /** Requests that are in flight at a time. */
  readonly inFlight?: number | undefined
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
}

/**
 * Prices of a million tokens, in whatever currency.
 *
 * @category options
 * @since 0.1.0
 */
export interface Price {
  readonly input: number
  /** Default: the price of `input`. */
  readonly cachedInput?: number | undefined
  readonly output: number
}

/**
 * Changes to the body of each request, applied last: first `rename`, then `drop`,
 * then `set`. All of them are about top-level fields. `set` leaves requests for
 * embeddings alone.
 *
 * @category options
 * @since 0.1.0
 */
export interface Parameters {
  /** New names of fields, by their names in the endpoint's API: `{ "max_completion_tokens": "max_tokens" }`. */
  readonly rename?: { readonly [name: string]: string } | undefined
  /** Names of fields that the endpoint refuses. */
  readonly drop?: ReadonlyArray<string> | undefined
  /** Fields that each request gets, also in place of those that it has. */
  readonly set?: JsonObject | undefined
}

interface Common {
  /** A pattern of the names of models: `*` stands for any characters, `?` for one. The first entry that fits is used. */
  readonly match: string
  /** The name of the model that is sent. Default: the name that the run or the grader has. */
  readonly model?: string | undefined
  readonly limits?: Limits | undefined
  readonly price?: Price | undefined
  /** Default: found out with the first judge. */
  readonly structured?: Structured | undefined
}

/**
 * A key: itself, or an effect that reads it. The effect runs before the first
 * request, and again after each request that was refused with 401.
 *
 * @category options
 * @since 0.1.0
 */
export type Key<R = never> = Redacted.Redacted | Effect.Effect<Redacted.Redacted, KeyUnreadable, R>

/**
 * The reason why a key could not be read.
 *
 * @category errors
 * @since 0.1.0
 */
export interface KeyUnreadable {
  readonly message: string
}

/**
 * An endpoint that speaks HTTP.
 *
 * @category options
 * @since 0.1.0
 */
export interface HttpEntry<R = never> extends Common {
  /** The address without the API's own path, such as `https://api.openai.com/v1`. */
  readonly baseUrl: string
  /** Parameters of the query of each request, such as Azure's `api-version`. */
  readonly query?: { readonly [name: string]: string } | undefined
  readonly key?: Key<R> | undefined
  /** The header of the key: `authorization: Bearer …` (the default) or `api-key: …`. */
  readonly auth?: "bearer" | "api-key" | undefined
  /** Default: found out with the first requests. */
  readonly api?: Api | "both" | undefined
  /** Further headers. None of their values appears in an error. */
  readonly headers?: { readonly [name: string]: string | Redacted.Redacted } | undefined
  readonly parameters?: Parameters | undefined
}

/**
 * The body of a request of chat completions.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChatRequest extends JsonObject {
  readonly model: string
  readonly messages: ReadonlyArray<JsonObject>
}

/**
 * A chat completion, as far as the engine needs one. All its fields are kept.
 *
 * @category models
 * @since 0.1.0
 */
export interface ChatCompletion {
  /** Default: the name that was sent. */
  readonly model?: string | undefined
  readonly choices: ReadonlyArray<{
    readonly message: { readonly content?: string | null | undefined; readonly tool_calls?: ReadonlyArray<unknown> }
    readonly finish_reason?: string | null | undefined
  }>
  readonly usage?:
    | { readonly prompt_tokens?: number; readonly completion_tokens?: number; readonly total_tokens?: number }
    | null
    | undefined
}

/**
 * A model that is a function of one's own program.
 *
 * @category options
 * @since 0.1.0
 */
export interface FunctionEntry<R = never> extends Common {
  readonly answer: (request: ChatRequest) => Effect.Effect<ChatCompletion, ModelError, R>
}

/**
 * One entry of the models.
 *
 * @category options
 * @since 0.1.0
 */
export type Entry<R = never> = HttpEntry<R> | FunctionEntry<R>

const special = /[\\^$.*+?()[\]{}|]/g

/**
 * Compiles the pattern of an entry to a test of a model's name. Capitals count.
 *
 * @internal
 */
export const matcher = (pattern: string): ((model: string) => boolean) => {
  const source = pattern.replace(special, (char) => (char === "*" ? "[^]*" : char === "?" ? "[^]" : `\\${char}`))
  // several stars in a row are one: they would make the expression slow, and mean nothing more
  const expression = new RegExp(`^${source.replace(/(?:\[\^\]\*)+/g, "[^]*")}$`)
  return (model) => expression.test(model)
}
