/**
 * Data sources: where the rows of a run come from, and what is done with them.
 *
 * `jsonl` grades rows that are complete, `completions` and `responses` sample a
 * model for each row first.
 */
import * as Schema from "effect/Schema"
import { FileId } from "./Ids.ts"
import { Message, MessageParam } from "./Message.ts"
import { CompletionsSamplingParams, ResponsesSamplingParams, SamplingParams } from "./Sampling.ts"
import { JsonObject, JsonInput, maybe, Metadata, MetadataParam, open, unknownMember } from "./Wire.ts"

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

/**
 * Where rows come from; a type that this version does not know is kept as it is.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Source = Schema.Union([
  open({ type: Schema.Literal("file_content"), content: Schema.Array(Row) }),
  open({ type: Schema.Literal("file_id"), id: FileId }),
  open({ type: Schema.Literal("stored_completions"), ...sourceFilter }),
  open({
    type: Schema.Literal("responses"),
    ...sourceFilter,
    metadata: maybe(JsonObject),
    instructions_search: maybe(Schema.String),
    reasoning_effort: maybe(Schema.String),
    temperature: maybe(Schema.Finite),
    top_p: maybe(Schema.Finite),
    users: maybe(Schema.Array(Schema.String)),
    tools: maybe(Schema.Array(Schema.String))
  }),
  unknownMember(["file_content", "file_id", "stored_completions", "responses"])
])
/**
 * Where rows come from.
 *
 * @category models
 * @since 0.1.0
 */
export type Source = typeof Source.Type

/**
 * The prompt of each row: a template, or a list of messages in the row itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputMessages = Schema.Union([
  open({ type: Schema.Literal("template"), template: Schema.Array(Message) }),
  open({ type: Schema.Literal("item_reference"), item_reference: Schema.String }),
  unknownMember(["template", "item_reference"])
])
/**
 * The prompt of each row.
 *
 * @category models
 * @since 0.1.0
 */
export type InputMessages = typeof InputMessages.Type

const sampled = {
  source: Source,
  input_messages: maybe(InputMessages),
  model: maybe(Schema.String),
  sampling_params: maybe(SamplingParams)
}

/**
 * The data source of a run as the host gives it back; a type that this version
 * does not know is kept as it is.
 *
 * **Example** (Narrowing by type)
 *
 * ```ts
 * import type { DataSource } from "effect-evals"
 *
 * export const model = (dataSource: DataSource.DataSource): string | undefined =>
 *   dataSource.type === "completions" || dataSource.type === "responses"
 *     ? (dataSource.model ?? undefined)
 *     : undefined
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataSource = Schema.Union([
  open({ type: Schema.Literal("jsonl"), source: Source }),
  open({ type: Schema.Literal("completions"), ...sampled }),
  open({ type: Schema.Literal("responses"), ...sampled }),
  unknownMember(["jsonl", "completions", "responses"])
])
/**
 * The data source of a run as the host gives it back.
 *
 * @category models
 * @since 0.1.0
 */
export type DataSource = typeof DataSource.Type

// =============================================================================
// write
// =============================================================================

/**
 * A row of inline data: the item, and for a `jsonl` run the sample that is judged.
 * Both may be of an application's own types. A field that holds `undefined` is left
 * out when the row is sent, a value with `toJSON`, such as a `Date`, is sent as what
 * that returns, and what JSON cannot hold is refused with its path.
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
  /** The answer that is judged. Absent, null and `undefined` mean the same: the row brings none. */
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
 * Chat completions that the host has stored, filtered. Times are Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StoredCompletions = Schema.Struct({ type: Schema.tag("stored_completions"), ...filterParams })
/**
 * Chat completions that the host has stored, filtered.
 *
 * @category models
 * @since 0.1.0
 */
export type StoredCompletions = typeof StoredCompletions.Type

/**
 * Responses that the host has stored, filtered. Times are Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Responses = Schema.Struct({
  type: Schema.tag("responses"),
  ...filterParams,
  metadata: maybe(JsonInput),
  instructions_search: maybe(Schema.String),
  reasoning_effort: maybe(Schema.String),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  users: maybe(Schema.Array(Schema.String)),
  tools: maybe(Schema.Array(Schema.String))
})
/**
 * Responses that the host has stored, filtered.
 *
 * @category models
 * @since 0.1.0
 */
export type Responses = typeof Responses.Type

/**
 * The prompt of each row, as it is sent. An item reference has no braces: `item.messages`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputMessagesParam = Schema.Union([
  Schema.Struct({ type: Schema.tag("template"), template: Schema.Array(MessageParam) }),
  Schema.Struct({ type: Schema.tag("item_reference"), item_reference: Schema.String })
]).pipe(Schema.toTaggedUnion("type"))
/**
 * The prompt of each row, as it is sent.
 *
 * @category models
 * @since 0.1.0
 */
export type InputMessagesParam = typeof InputMessagesParam.Type

const inlineOrFile = [FileContent, FileReference] as const

/**
 * The data source of a run, as it is sent.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataSourceParam = Schema.Union([
  Schema.Struct({
    type: Schema.tag("jsonl"),
    source: Schema.Union(inlineOrFile).pipe(Schema.toTaggedUnion("type"))
  }),
  Schema.Struct({
    type: Schema.tag("completions"),
    source: Schema.Union([...inlineOrFile, StoredCompletions]).pipe(Schema.toTaggedUnion("type")),
    input_messages: maybe(InputMessagesParam),
    model: maybe(Schema.String),
    sampling_params: maybe(CompletionsSamplingParams)
  }),
  Schema.Struct({
    type: Schema.tag("responses"),
    source: Schema.Union([...inlineOrFile, Responses]).pipe(Schema.toTaggedUnion("type")),
    input_messages: maybe(InputMessagesParam),
    model: maybe(Schema.String),
    sampling_params: maybe(ResponsesSamplingParams)
  })
]).pipe(Schema.toTaggedUnion("type"))
/**
 * The data source of a run, as it is sent.
 *
 * @category models
 * @since 0.1.0
 */
export type DataSourceParam = typeof DataSourceParam.Type
