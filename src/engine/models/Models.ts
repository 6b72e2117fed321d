/**
 * The models that the engine can ask, by the names that runs and graders have for
 * them.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { JsonObject } from "../rows/Row.ts"
import type { Answer } from "./Answer.ts"
import type { Api, Limits, Price, Structured } from "./Entry.ts"
import { ModelError, NoEndpoint } from "./ModelError.ts"

/**
 * Whether an endpoint has an API; `unknown` until a request has shown it.
 *
 * @category models
 * @since 0.1.0
 */
export type Has = "yes" | "no" | "unknown"

/**
 * The endpoint of a model.
 *
 * @category models
 * @since 0.1.0
 */
export interface Resolved {
  /** The pattern of the entry that matches. */
  readonly match: string
  /** The address of the endpoint without credentials and query, or `a function`. */
  readonly endpoint: string
  /** The name of the model that is sent. */
  readonly model: string
  readonly apis: { readonly [api in Api]: Has }
  readonly price: Price | undefined
}

/**
 * An entry without its secrets, to be printed.
 *
 * @category models
 * @since 0.1.0
 */
export interface Description {
  readonly match: string
  /** The address of the endpoint without credentials and query, or `a function`. */
  readonly endpoint: string
  /** The name of the model that is sent; undefined where it is the one that was asked for. */
  readonly model: string | undefined
  readonly apis: { readonly [api in Api]: Has }
  /** Where the key comes from. It is not the key. */
  readonly key: "none" | "given" | "read"
  readonly structured: Structured | undefined
  readonly limits: Limits
  readonly price: Price | undefined
}

/**
 * A format that an answer shall have.
 *
 * @category models
 * @since 0.1.0
 */
export interface Structure {
  /** Letters, digits, `_` and `-`. */
  readonly name: string
  readonly schema: JsonObject
}

/**
 * A request, before it is known how the endpoint wants it.
 *
 * @category models
 * @since 0.1.0
 */
export interface Request {
  /** The API of `body`. An endpoint without it gets a translation. */
  readonly dialect: Api
  /** The body as openai-node would send it, with `model` as the user names it. */
  readonly body: JsonObject & { readonly model: string }
}

/**
 * One question to a model.
 *
 * @category models
 * @since 0.1.0
 */
export interface Call extends Request {
  readonly purpose: "sample" | "judge"
  /** The id of the run. Groups share an endpoint fairly. */
  readonly group: string
  /** The format of the answer, for judges: asked for in the way that the endpoint understands. */
  readonly structured?: Structure | undefined
}

/**
 * Texts to be embedded.
 *
 * @category models
 * @since 0.1.0
 */
export interface EmbedCall {
  readonly model: string
  readonly inputs: ReadonlyArray<string>
  /** The id of the run. Groups share an endpoint fairly. */
  readonly group: string
}

/**
 * The vectors of texts, in the order of the texts.
 *
 * @category models
 * @since 0.1.0
 */
export interface Embeddings {
  readonly model: string
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
  /** Undefined where the endpoint does not say. */
  readonly prompt_tokens: number | undefined
}

/**
 * The models.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** Returns the endpoint of a model; undefined where no entry matches. */
  readonly find: (model: string) => Resolved | undefined
  /**
   * Returns the error that {@link Service.ask} would end with before it sends
   * anything: no entry matches, or the endpoint certainly lacks the API and the
   * request cannot be translated. It is what a run is refused for at its creation.
   */
  readonly check: (request: Request) => ModelError | undefined
  /** Asks a model, with attempts, and waits where the endpoint's limits say so. */
  readonly ask: (call: Call) => Effect.Effect<Answer, ModelError>
  /** Embeds texts. Equal texts are sent once. */
  readonly embed: (call: EmbedCall) => Effect.Effect<Embeddings, ModelError>
  /** The entries as they are at present, in their order. */
  readonly list: Effect.Effect<ReadonlyArray<Description>>
}

/**
 * The advice for a model without an endpoint.
 *
 * @internal
 */
export const advice =
  "Name one: --models FILE of the command (docs/models.md), or the environment variables EVALS_MODEL_BASE_URL and " +
  "EVALS_MODEL_API_KEY; in a program, the layer Models.layer"

/**
 * Makes the error for a model that no entry matches.
 *
 * @internal
 */
export const noEndpoint = (model: string, matches: ReadonlyArray<string>): ModelError => {
  const why =
    matches.length === 0
      ? "no endpoint is configured"
      : `no entry of the models matches (${matches.map((match) => JSON.stringify(match)).join(", ")})`
  return new ModelError({ model, endpoint: "", reason: new NoEndpoint({ message: `${why}. ${advice}` }) })
}

/**
 * Models without an entry: they refuse everything.
 *
 * @internal
 */
export const none: Service = {
  find: () => undefined,
  check: ({ body }) => noEndpoint(body.model, []),
  ask: ({ body }) => Effect.fail(noEndpoint(body.model, [])),
  embed: ({ model }) => Effect.fail(noEndpoint(model, [])),
  list: Effect.succeed([])
}

/**
 * The models of the context. The default has none and refuses everything.
 *
 * @category services
 * @since 0.1.0
 */
export const Models = Context.Reference<Service>("effect-evals/engine/Models", { defaultValue: () => none })
