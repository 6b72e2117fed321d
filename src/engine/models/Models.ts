/**
 * The models that the engine can ask, by the names that runs and graders have for
 * them.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import type { JsonObject } from "../rows/Row.ts"
import type { Answer } from "./Answer.ts"
import type { Api, Entry, Limits, Price, Structured } from "./Entry.ts"
import type { InvalidModels } from "./entryProblems.ts"
import type { ModelError } from "./ModelError.ts"
import type { FileOptions } from "./ModelsFile.ts"
import { noEndpoint } from "./noEndpoint.ts"
import type { Stats } from "./Pacer.ts"
import * as Registry from "./Registry.ts"
import { makeFile } from "./ReloadableModels.ts"

export type {
  Api,
  ChatCompletion,
  ChatRequest,
  Entry,
  FunctionEntry,
  HttpEntry,
  Key,
  KeyUnreadable,
  Limits,
  Parameters,
  Price,
  Structured
} from "./Entry.ts"
export { InvalidModels } from "./entryProblems.ts"
export { FileEntry, type FileOptions, jsonSchema, ModelsFile } from "./ModelsFile.ts"
export { makeFile, type Reloadable } from "./ReloadableModels.ts"

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
  /** The source of the key, not the key itself. */
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
 * The traffic between this process and the endpoint of an entry.
 *
 * @category models
 * @since 0.1.0
 */
export interface Traffic extends Stats {
  readonly match: string
  /** The address of the endpoint without credentials and query, or `a function`. */
  readonly endpoint: string
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
  /** The traffic of each entry, in their order. */
  readonly stats: Effect.Effect<ReadonlyArray<Traffic>>
  /**
   * Asks endpoints and models again that were given up: a key was refused, an account
   * had no money, a model was unknown. It is for the moment at which somebody begins
   * anew, such as the creation of a run.
   */
  readonly reset: Effect.Effect<void>
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
  list: Effect.succeed([]),
  stats: Effect.succeed([]),
  reset: Effect.void
}

/**
 * The models of the context. The default has none and refuses everything.
 *
 * **Example** (The endpoint of a model)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Models } from "effect-evals/engine"
 *
 * export const endpoint = Effect.map(Models.Models, ({ find }) => find("gpt-4.1")?.endpoint)
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export const Models = Context.Reference<Service>("effect-evals/engine/Models", { defaultValue: () => none })

/**
 * Makes models of entries. The first entry whose `match` fits the name of a model is
 * used. Nothing is read from the environment, and nothing is sent before something
 * is asked.
 *
 * **Example** (OpenAI, and a function of one's own)
 *
 * ```ts
 * import { Effect, type Redacted } from "effect"
 * import { Models } from "effect-evals/engine"
 *
 * export const layer = (key: Redacted.Redacted) =>
 *   Models.layer([
 *     { match: "echo", answer: () => Effect.succeed({ choices: [{ message: { content: "yes" } }] }) },
 *     { match: "*", baseUrl: "https://api.openai.com/v1", key }
 *   ])
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = <R = never>(
  entries: ReadonlyArray<Entry<R>>
): Layer.Layer<never, InvalidModels, HttpClient.HttpClient | R> => Layer.effect(Models, Registry.make(entries))

/**
 * Makes models of a file, which is read once (see {@link makeFile} for reading it
 * again).
 *
 * **Example** (Keys in the environment)
 *
 * ```ts
 * import { NodeFileSystem, NodeHttpClient } from "@effect/platform-node"
 * import { Layer } from "effect"
 * import { EvalsEngine, Models } from "effect-evals/engine"
 *
 * export const layer = EvalsEngine.layerClient().pipe(
 *   Layer.provide(EvalsEngine.layerSqlite({ filename: "evals.db" })),
 *   Layer.provide(Models.layerFile("models.json", { env: process.env })),
 *   Layer.provide([NodeFileSystem.layer, NodeHttpClient.layerUndici])
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerFile = (
  file: string,
  options: FileOptions = {}
): Layer.Layer<never, InvalidModels, FileSystem.FileSystem | HttpClient.HttpClient> =>
  Layer.effect(
    Models,
    Effect.map(makeFile(file, options), (models) => models.service)
  )
