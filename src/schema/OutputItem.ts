/** Output items. Each is a row of a run, with the model's answer and the result of each criterion. */
import * as Schema from "effect/Schema"
import { EvalId, OutputItemId, RunId } from "./Ids.ts"
import { ApiError } from "./Run.ts"
import { Count, JsonObject, maybe, open, openLiterals, Seconds } from "./Wire.ts"

/**
 * The status of an output item: `pass` or `fail`. On some hosts, an item that could not be sampled has another one.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OutputItemStatus = openLiterals(["pass", "fail", "error"])
/**
 * The status of an output item.
 *
 * @category models
 * @since 0.1.0
 */
export type OutputItemStatus = typeof OutputItemStatus.Type

/**
 * A message that was sent to the model or came back. Content of several parts arrives flattened to one text.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SampleMessage = open({
  role: maybe(Schema.String),
  content: maybe(Schema.Union([Schema.String, Schema.Array(Schema.Unknown)])),
  tool_call_id: maybe(Schema.String),
  tool_calls: maybe(Schema.Unknown),
  function_call: maybe(Schema.Unknown)
})
/**
 * A message that was sent to the model or came back.
 *
 * @category models
 * @since 0.1.0
 */
export type SampleMessage = typeof SampleMessage.Type

/**
 * The conversation with the model: its input and its output. Older answers name the token limit
 * `max_completions_tokens`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Sample = open({
  input: Schema.Array(SampleMessage),
  output: Schema.Array(SampleMessage),
  finish_reason: maybe(Schema.String),
  model: maybe(Schema.String),
  usage: maybe(
    open({ total_tokens: Count, completion_tokens: Count, prompt_tokens: Count, cached_tokens: maybe(Count) })
  ),
  error: maybe(ApiError),
  temperature: maybe(Schema.Finite),
  max_completion_tokens: maybe(Schema.Finite),
  max_completions_tokens: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  seed: maybe(Schema.Finite),
  reasoning_effort: maybe(Schema.String)
})
/**
 * The conversation with the model.
 *
 * @category models
 * @since 0.1.0
 */
export type Sample = typeof Sample.Type

/**
 * The result of one criterion. `name` is the criterion's id, `<name>-<uuid>`. `sample` is the conversation with a
 * judge, and null for a grader without a model.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Result = open({
  name: Schema.String,
  type: maybe(Schema.String),
  score: Schema.NullOr(Schema.Finite),
  passed: Schema.Boolean,
  sample: maybe(JsonObject)
})
/**
 * The result of one criterion.
 *
 * @category models
 * @since 0.1.0
 */
export type Result = typeof Result.Type

/**
 * One row of a run with its outcome. `datasource_item_id` counts the rows from 0.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OutputItem = open({
  id: OutputItemId,
  object: Schema.Literal("eval.run.output_item"),
  run_id: RunId,
  eval_id: EvalId,
  created_at: Seconds,
  status: OutputItemStatus,
  datasource_item_id: Count,
  datasource_item: JsonObject,
  results: Schema.Array(Result),
  sample: Schema.NullOr(Sample)
})
/**
 * One row of a run with its outcome.
 *
 * @category models
 * @since 0.1.0
 */
export type OutputItem = typeof OutputItem.Type

/**
 * The parameters of a list of output items. `limit` is the size of a page: the host's default is 20, its maximum 100.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListParams = Schema.Struct({
  after: maybe(OutputItemId),
  limit: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  order: maybe(Schema.Literals(["asc", "desc"])),
  status: maybe(Schema.Literals(["fail", "pass"]))
})
/**
 * The parameters of a list of output items.
 *
 * @category models
 * @since 0.1.0
 */
export type ListParams = typeof ListParams.Type
