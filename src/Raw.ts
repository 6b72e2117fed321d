/**
 * Objects with their original bytes, for archives and proxies that must not change what the host sent.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { EvalsClient } from "./EvalsClient.ts"
import type { EvalsError } from "./EvalsError.ts"
import { type Decoder, decoder } from "./internal/codec.ts"
import type { Place } from "./schema/issues.ts"
import type { Operation } from "./internal/operation.ts"
import * as Evals from "./internal/requests/evals.ts"
import * as Files from "./internal/requests/files.ts"
import * as OutputItems from "./internal/requests/outputItems.ts"
import * as Runs from "./internal/requests/runs.ts"
import { elements } from "./schema/slices.ts"
import type { CallOptions } from "./Options.ts"
import type * as Eval from "./schema/Eval.ts"
import type * as EvalsFile from "./schema/EvalsFile.ts"
import type { EvalId, FileId, RunId } from "./schema/Ids.ts"
import type * as OutputItem from "./schema/OutputItem.ts"
import { Page } from "./schema/Page.ts"
import type * as Run from "./schema/Run.ts"
import { open } from "./schema/Wire.ts"

/**
 * An object of a page. Only its id is checked.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawObject {
  readonly id: string
  /** The object's JSON in UTF-8, as the host sent it: a slice of the page. */
  readonly bytes: Uint8Array
  /** The parsed object. */
  readonly value: { readonly id: string }
}

/**
 * A page of objects.
 *
 * @category models
 * @since 0.1.0
 */
export interface RawPage {
  readonly data: ReadonlyArray<RawObject>
  readonly has_more: boolean
}

const decodePage = decoder(Page(open({ id: Schema.String })))

// the longest string of V8 has 2^29 - 24 characters
const longestText = 500_000_000

const textOf = (body: Uint8Array): Result.Result<string, ReadonlyArray<Place>> =>
  body.length <= longestText
    ? Result.succeed(new TextDecoder().decode(body))
    : Result.fail([
        {
          path: [],
          message: `is too large to be read at once (${Math.round(body.length / 1e6)} MB); ask for a smaller page`,
          unexpected: false
        }
      ])

const pageOf = (body: Uint8Array): ReturnType<Decoder<RawPage>> =>
  Result.map(Result.flatMap(textOf(body), decodePage), (page) => {
    const slices = elements(body, "data")
    return {
      data: page.data.flatMap((value, index) => {
        const bytes = slices[index]
        return bytes === undefined ? [] : [{ id: value.id, bytes, value }]
      }),
      has_more: page.has_more
    }
  })

const raw = (operation: Operation<unknown>): Operation<RawPage> => ({
  ...operation,
  decode: (text) => pageOf(new TextEncoder().encode(text)),
  decodeBytes: pageOf,
  // an implementation in this process returns values, not bytes
  via: () => undefined
})

const send = (
  operation: Operation<unknown>,
  options: CallOptions | undefined
): Effect.Effect<RawPage, EvalsError, EvalsClient> => EvalsClient.use((client) => client.send(raw(operation), options))

/**
 * Retrieves a page of evals with their bytes. `GET /evals`.
 *
 * **Example** (Original texts)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { Raw } from "effect-evals"
 *
 * export const texts = Effect.map(Raw.listEvalsPage({ limit: 100 }), (page) =>
 *   page.data.map((found) => new TextDecoder().decode(found.bytes))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listEvalsPage = (params: Eval.ListParams = {}, options?: CallOptions) =>
  send(Evals.listEvalsPage(params), options)

/**
 * Retrieves a page of runs with their bytes. `GET /evals/{eval_id}/runs`.
 *
 * **Example** (Sizes in bytes)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, Raw } from "effect-evals"
 *
 * export const sizes = (evalId: EvalId) =>
 *   Effect.map(Raw.listRunsPage(evalId), (page) => page.data.map((run) => run.bytes.length))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listRunsPage = (evalId: EvalId, params: Run.ListParams = {}, options?: CallOptions) =>
  send(Runs.listRunsPage(evalId, params), options)

/**
 * Retrieves a page of output items with their bytes. `GET /evals/{eval_id}/runs/{run_id}/output_items`.
 *
 * **Example** (A page of a hundred)
 *
 * ```ts
 * import { type EvalId, Raw, type RunId } from "effect-evals"
 *
 * export const page = (evalId: EvalId, runId: RunId) => Raw.listOutputItemsPage(evalId, runId, { limit: 100 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listOutputItemsPage = (
  evalId: EvalId,
  runId: RunId,
  params: OutputItem.ListParams = {},
  options?: CallOptions
) => send(OutputItems.listOutputItemsPage(evalId, runId, params), options)

/**
 * Retrieves a page of the metadata of files, with their bytes. `GET /files`.
 *
 * **Example** (Files of evals)
 *
 * ```ts
 * import { Raw } from "effect-evals"
 *
 * export const page = Raw.listFilesPage({ purpose: "evals", limit: 100 })
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const listFilesPage = (params: EvalsFile.ListParams = {}, options?: CallOptions) =>
  send(Files.listFilesPage(params), options)

const decodeObject = decoder(open({ id: Schema.String }))

const objectOf = (body: Uint8Array): ReturnType<Decoder<RawObject>> =>
  Result.map(Result.flatMap(textOf(body), decodeObject), (value) => ({ id: value.id, bytes: trimmed(body), value }))

// white space around the object belongs to the answer
const trimmed = (bytes: Uint8Array): Uint8Array => bytes.subarray(bytes.indexOf(0x7b), bytes.lastIndexOf(0x7d) + 1)

const sendObject = (
  operation: Operation<unknown>,
  options: CallOptions | undefined
): Effect.Effect<RawObject, EvalsError, EvalsClient> =>
  EvalsClient.use((client) =>
    client.send(
      {
        ...operation,
        decode: (text) => objectOf(new TextEncoder().encode(text)),
        decodeBytes: objectOf,
        via: () => undefined
      },
      options
    )
  )

/**
 * Retrieves an eval with its bytes. `GET /evals/{eval_id}`.
 *
 * **Example** (Original text)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { type EvalId, Raw } from "effect-evals"
 *
 * export const text = (evalId: EvalId) =>
 *   Effect.map(Raw.retrieveEval(evalId), (found) => new TextDecoder().decode(found.bytes))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveEval = (evalId: EvalId, options?: CallOptions) => sendObject(Evals.retrieveEval(evalId), options)

/**
 * Retrieves the metadata of a file with its bytes. `GET /files/{file_id}`.
 *
 * **Example** (A file by its id)
 *
 * ```ts
 * import { type FileId, Raw } from "effect-evals"
 *
 * export const file = (fileId: FileId) => Raw.retrieveFile(fileId)
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const retrieveFile = (fileId: FileId, options?: CallOptions) => sendObject(Files.retrieveFile(fileId), options)

/**
 * Returns an object as a page with one entry, for code that reads pages.
 *
 * **Example** (An eval as a page)
 *
 * ```ts
 * import { type EvalId, Raw } from "effect-evals"
 *
 * export const page = (evalId: EvalId) => Raw.single(Raw.retrieveEval(evalId))
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const single = <R>(found: Effect.Effect<RawObject, EvalsError, R>): Effect.Effect<RawPage, EvalsError, R> =>
  Effect.map(found, (object) => ({ data: [object], has_more: false }))
