/**
 * `responses`: rows whose samples are responses of a model.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { ResponsesSamplingParams } from "../Sampling.ts"
import { maybe, open } from "../Wire.ts"
import { InputMessagesParam, readFields } from "./sampled.ts"
import { FileContent, FileReference, Responses } from "./source.ts"

/** A `responses` data source in a response. */
export const Read = open({ type: Schema.Literal("responses"), ...readFields })

/** A `responses` data source in a request. */
export const Param = Schema.Struct({
  type: Schema.tag("responses"),
  source: Schema.Union([FileContent, FileReference, Responses]).pipe(Schema.toTaggedUnion("type")),
  input_messages: maybe(InputMessagesParam),
  model: maybe(Schema.String),
  sampling_params: maybe(ResponsesSamplingParams)
})

/** The run asks the model for a response to each row. */
export const samplesModel = true
