/**
 * `completions`: rows whose samples are chat completions of a model.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { CompletionsSamplingParams } from "../Sampling.ts"
import { maybe, open } from "../Wire.ts"
import { InputMessagesParam, readFields } from "./sampled.ts"
import { FileContent, FileReference, StoredCompletions } from "./source.ts"

/** A `completions` data source in a response. */
export const Read = open({ type: Schema.Literal("completions"), ...readFields })

/** A `completions` data source in a request. */
export const Param = Schema.Struct({
  type: Schema.tag("completions"),
  source: Schema.Union([FileContent, FileReference, StoredCompletions]).pipe(Schema.toTaggedUnion("type")),
  input_messages: maybe(InputMessagesParam),
  model: maybe(Schema.String),
  sampling_params: maybe(CompletionsSamplingParams)
})

/** The run asks the model for a chat completion to each row. */
export const samplesModel = true
