/**
 * Requests of the API as values. Operations build them, and a client sends them.
 *
 * @internal
 */
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as HttpBody from "effect/http/HttpBody"
import * as Result from "effect/Result"
import type { EvalsError } from "../EvalsError.ts"
import type { Requests } from "../Requests.ts"
import type { Operations } from "../Operations.ts"
import type { CallOptions } from "../Options.ts"
import type { Decoder, Encoder } from "./codec.ts"
import type { Place } from "../schema/issues.ts"
import type { Path } from "./path.ts"

/** The parameters of a query. Null and undefined are left out, since a query cannot express them. */
export interface Query {
  readonly [key: string]: string | number | null | undefined
}

/** A checked value with the keys that the API does not define, or the faults of the value. */
export type Checked<A> = Result.Result<
  { readonly value: A; readonly unknownKeys: ReadonlyArray<Place> },
  ReadonlyArray<Place>
>

/** Makes the check of a body, which returns the body as JSON. */
export const jsonBody =
  <A>(encode: Encoder<A>, params: A) =>
  (): Checked<string> =>
    Result.map(encode(params), ({ json, unknownKeys }) => ({ value: json, unknownKeys }))

/** Makes the check of a query. */
export const query =
  <A extends Query>(encode: Encoder<A>, params: A) =>
  (): Checked<Query> =>
    Result.map(encode(params), ({ unknownKeys }) => ({ value: params, unknownKeys }))

/** A request of the API. */
export interface Request {
  /**
   * The operation in errors and spans. A request for a page has the name of the list. `retryRun` is an operation of the
   * command alone.
   */
  readonly name: keyof Operations | "retryRun"
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: Path
  /** The path on Azure and Foundry. Default: `path`. */
  readonly azurePath?: Path | undefined
  /** The media type of the answer. Default: JSON. */
  readonly accept?: string | undefined
  readonly query?: (() => Checked<Query>) | undefined
  readonly body?: (() => Checked<string | HttpBody.HttpBody>) | undefined
  /**
   * The effect of a second attempt: none (`safe`), or a second object (`creates`). `once`: the body cannot be sent
   * again.
   */
  readonly repeat: "safe" | "creates" | "once"
  /** Whether an interruption waits for the end of a started attempt, so that the id of the new object is known. */
  readonly untorn?: boolean | undefined
  /** The time limit of an attempt if neither the call nor the client sets one. */
  readonly timeout?: Duration.Input | undefined
}

/** A request whose answer is JSON. */
export interface Operation<A> extends Request {
  readonly decode: Decoder<A>
  /** Decodes the bytes of the answer, in place of `decode`. For values that keep the bytes. */
  readonly decodeBytes?: ((body: Uint8Array) => ReturnType<Decoder<A>>) | undefined
  /** Sends the request to an implementation in this process. Undefined if the implementation lacks the operation. */
  readonly via: (
    operations: Partial<Requests>,
    options: CallOptions | undefined
  ) => Effect.Effect<A, EvalsError> | undefined
}
