/**
 * Fields of the data sources that ask a model for the sample of each row.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { Message, MessageParam } from "../Message.ts"
import { SamplingParams } from "../Sampling.ts"
import { maybe, open, openUnion } from "../Wire.ts"
import { Source } from "./source.ts"

/**
 * The prompt of each row in a request. An item reference has no braces: `item.messages`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputMessagesParam = Schema.Union([
  Schema.Struct({ type: Schema.tag("template"), template: Schema.Array(MessageParam) }),
  Schema.Struct({ type: Schema.tag("item_reference"), item_reference: Schema.String })
]).pipe(Schema.toTaggedUnion("type"))
/**
 * The prompt of each row in a request.
 *
 * @category models
 * @since 0.1.0
 */
export type InputMessagesParam = typeof InputMessagesParam.Type

/**
 * The prompt of each row: a template, or a list of messages in the row itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputMessages = openUnion([
  open({ type: Schema.Literal("template"), template: Schema.Array(Message) }),
  open({ type: Schema.Literal("item_reference"), item_reference: Schema.String })
])
/**
 * The prompt of each row.
 *
 * @category models
 * @since 0.1.0
 */
export type InputMessages = typeof InputMessages.Type

/** The fields in a response. */
export const readFields = {
  source: Source,
  input_messages: maybe(InputMessages),
  model: maybe(Schema.String),
  sampling_params: maybe(SamplingParams)
}
