/**
 * Sources of rows: the request itself, a file, or data that the host has stored.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { FileId } from "../Ids.ts"
import { JsonObject, JsonInput, maybe, Metadata, MetadataParam, open, openUnion } from "../Wire.ts"

// =============================================================================
// read
// =============================================================================

/**
 * A row of inline data.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Row = open({ item: JsonObject, sample: maybe(JsonObject) })
/**
 * A row of inline data.
 *
 * @category models
 * @since 0.1.0
 */
export type Row = typeof Row.Type

const sourceFilter = {
  metadata: Metadata,
  model: maybe(Schema.String),
  created_after: maybe(Schema.Finite),
  created_before: maybe(Schema.Finite),
  limit: maybe(Schema.Finite)
}

/** The filter of stored responses by their parameters. */
const responseFilter = {
  instructions_search: maybe(Schema.String),
  reasoning_effort: maybe(Schema.String),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  users: maybe(Schema.Array(Schema.String)),
  tools: maybe(Schema.Array(Schema.String))
}

/**
 * The source of rows. A type that this version does not know is kept.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Source = openUnion([
  open({ type: Schema.Literal("file_content"), content: Schema.Array(Row) }),
  open({ type: Schema.Literal("file_id"), id: FileId }),
  open({ type: Schema.Literal("stored_completions"), ...sourceFilter }),
  open({
    type: Schema.Literal("responses"),
    ...sourceFilter,
    metadata: maybe(JsonObject),
    ...responseFilter
  })
])
/**
 * The source of rows.
 *
 * @category models
 * @since 0.1.0
 */
export type Source = typeof Source.Type

// =============================================================================
// write
// =============================================================================

/**
 * A row of inline data: the item, and for a `jsonl` run the sample. Both may be of an application's own types. A field
 * that holds `undefined` is left out. A value with `toJSON`, such as a `Date`, is replaced by the result of that
 * method. A value that JSON cannot hold is refused with its path.
 *
 * **Example** (Rows of an application's own type)
 *
 * ```ts
 * import type { DataSource } from "effect-evals"
 *
 * interface Ticket {
 *   readonly subject: string
 *   readonly team?: string | undefined
 * }
 *
 * export const row = (ticket: Ticket, answer: string): DataSource.RowParam => ({
 *   item: ticket,
 *   sample: { output_text: answer }
 * })
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const RowParam: Schema.Codec<RowParam> = Schema.make(
  Schema.Struct({ item: JsonInput, sample: maybe(JsonInput) }).ast
)
/**
 * A row of inline data.
 *
 * @category models
 * @since 0.1.0
 */
export interface RowParam {
  readonly item: JsonInput
  /** The sample. Absent, null and `undefined` all mean that the row has none. */
  readonly sample?: JsonInput | null | undefined
}

/**
 * Rows inside the request.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FileContent = Schema.Struct({
  type: Schema.tag("file_content"),
  content: Schema.Array(RowParam)
})
/**
 * Rows inside the request.
 *
 * @category models
 * @since 0.1.0
 */
export type FileContent = typeof FileContent.Type

/**
 * Rows of an uploaded JSONL file. Any string is taken as the id of a file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FileReference = Schema.Struct({
  type: Schema.tag("file_id"),
  id: Schema.String
})
/**
 * Rows of an uploaded JSONL file.
 *
 * @category models
 * @since 0.1.0
 */
export type FileReference = typeof FileReference.Type

const filterParams = {
  metadata: MetadataParam,
  model: maybe(Schema.String),
  created_after: maybe(Schema.Int),
  created_before: maybe(Schema.Int),
  limit: maybe(Schema.Int)
}

/**
 * A filter of the chat completions that the host has stored. Times are Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StoredCompletions = Schema.Struct({ type: Schema.tag("stored_completions"), ...filterParams })
/**
 * A filter of the chat completions that the host has stored.
 *
 * @category models
 * @since 0.1.0
 */
export type StoredCompletions = typeof StoredCompletions.Type

/**
 * A filter of the responses that the host has stored. Times are Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Responses = Schema.Struct({
  type: Schema.tag("responses"),
  ...filterParams,
  metadata: maybe(JsonInput),
  ...responseFilter
})
/**
 * A filter of the responses that the host has stored.
 *
 * @category models
 * @since 0.1.0
 */
export type Responses = typeof Responses.Type
