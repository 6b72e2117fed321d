/**
 * A request of the API as a value. Operations build it; a client sends it.
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

/** The parameters of a query. Null and undefined leave one out: a query has no way to write them. */
export interface Query {
  readonly [key: string]: string | number | null | undefined
}

/** What was checked, or what is wrong with it, and the keys that the API does not name. */
export type Checked<A> = Result.Result<
  { readonly value: A; readonly unknownKeys: ReadonlyArray<Place> },
  ReadonlyArray<Place>
>

/** Checks a body and writes it as JSON. */
export const jsonBody =
  <A>(encode: Encoder<A>, params: A) =>
  (): Checked<string> =>
    Result.map(encode(params), ({ json, unknownKeys }) => ({ value: json, unknownKeys }))

/** Checks a query. */
export const query =
  <A extends Query>(encode: Encoder<A>, params: A) =>
  (): Checked<Query> =>
    Result.map(encode(params), ({ unknownKeys }) => ({ value: params, unknownKeys }))

/** The parts that every request has. */
export interface Request {
  /** The operation that is named in errors and spans. A list names itself, and not the pages that it asks for. */
  readonly name: keyof Operations
  readonly method: "GET" | "POST" | "DELETE"
  readonly path: Path
  /** The path on Azure and Foundry, where it is another. */
  readonly azurePath?: Path | undefined
  /** The media type that is asked for, where it is not JSON. */
  readonly accept?: string | undefined
  readonly query?: (() => Checked<Query>) | undefined
  readonly body?: (() => Checked<string | HttpBody.HttpBody>) | undefined
  /**
   * What a repetition does: `safe` nothing, `creates` a second object, and
   * `once` means that the body cannot be sent twice.
   */
  readonly repeat: "safe" | "creates" | "once"
  /** Whether an attempt is carried through once it has begun, so that what it creates is known. */
  readonly untorn?: boolean | undefined
  /** The time limit of an attempt where neither the call nor the client sets one. */
  readonly timeout?: Duration.Input | undefined
}

/** A request whose answer is JSON. */
export interface Operation<A> extends Request {
  readonly decode: Decoder<A>
  /** Reads the answer from its bytes instead, for what must keep them. */
  readonly decodeBytes?: ((body: Uint8Array) => ReturnType<Decoder<A>>) | undefined
  /** The same request put to an implementation, which need not have it. */
  readonly via: (
    operations: Partial<Requests>,
    options: CallOptions | undefined
  ) => Effect.Effect<A, EvalsError> | undefined
}
