/** Sampling: parameters, tools and response formats of runs of type `completions` and `responses`. */
import * as Schema from "effect/Schema"
import { JsonInput, JsonRecord, maybe, open, openLiterals } from "./Wire.ts"

// =============================================================================
// read
// =============================================================================

const typed = open({ type: Schema.String })

/**
 * Sampling parameters in a response. The host writes `max_completions_tokens`, the specification says
 * `max_completion_tokens`. Both are accepted.
 *
 * @category schemas
 * @since 0.1.0
 */
export const SamplingParams = open({
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  seed: maybe(Schema.Finite),
  max_completion_tokens: maybe(Schema.Finite),
  max_completions_tokens: maybe(Schema.Finite),
  reasoning_effort: maybe(Schema.String),
  response_format: maybe(typed),
  text: maybe(open({ format: maybe(typed) })),
  tools: maybe(Schema.Array(typed))
})
/**
 * Sampling parameters in a response.
 *
 * @category models
 * @since 0.1.0
 */
export type SamplingParams = typeof SamplingParams.Type

// =============================================================================
// write
// =============================================================================

const strict = maybe(Schema.Boolean)

const Text = Schema.Struct({ type: Schema.tag("text") })
const JsonObjectFormat = Schema.Struct({ type: Schema.tag("json_object") })

/**
 * The response format of chat completions.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ResponseFormat = Schema.Union([
  Text,
  JsonObjectFormat,
  Schema.Struct({
    type: Schema.tag("json_schema"),
    json_schema: Schema.Struct({
      name: Schema.String,
      description: maybe(Schema.String),
      schema: maybe(JsonInput),
      strict
    })
  })
]).pipe(Schema.toTaggedUnion("type"))
/**
 * The response format of chat completions.
 *
 * @category models
 * @since 0.1.0
 */
export type ResponseFormat = typeof ResponseFormat.Type

/**
 * The response format of the Responses API.
 *
 * @category schemas
 * @since 0.1.0
 */
export const TextFormat = Schema.Union([
  Text,
  JsonObjectFormat,
  Schema.Struct({
    type: Schema.tag("json_schema"),
    name: Schema.String,
    schema: JsonInput,
    description: maybe(Schema.String),
    strict
  })
]).pipe(Schema.toTaggedUnion("type"))
/**
 * The response format of the Responses API.
 *
 * @category models
 * @since 0.1.0
 */
export type TextFormat = typeof TextFormat.Type

/**
 * A function that a chat completion may call.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ChatTool = Schema.Struct({
  type: Schema.tag("function"),
  function: Schema.Struct({
    name: Schema.String,
    description: maybe(Schema.String),
    parameters: maybe(JsonInput),
    strict
  })
})
/**
 * A function that a chat completion may call.
 *
 * @category models
 * @since 0.1.0
 */
export type ChatTool = typeof ChatTool.Type

/**
 * A function that a response may call.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FunctionTool = Schema.Struct({
  type: Schema.tag("function"),
  name: Schema.String,
  description: maybe(Schema.String),
  parameters: maybe(JsonInput),
  output_schema: maybe(JsonInput),
  strict,
  defer_loading: maybe(Schema.Boolean),
  allowed_callers: maybe(Schema.Array(Schema.String))
})
/**
 * A function that a response may call.
 *
 * @category models
 * @since 0.1.0
 */
export type FunctionTool = typeof FunctionTool.Type

/**
 * Types of the tools that the host of the Responses API runs itself.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HostedToolType = Schema.Literals([
  "file_search",
  "computer",
  "computer_use_preview",
  "web_search",
  "web_search_2025_08_26",
  "web_search_preview",
  "web_search_preview_2025_03_11",
  "mcp",
  "code_interpreter",
  "programmatic_tool_calling",
  "image_generation",
  "local_shell",
  "shell",
  "custom",
  "namespace",
  "tool_search",
  "apply_patch"
])
/**
 * The type of a tool that the host of the Responses API runs itself.
 *
 * @category models
 * @since 0.1.0
 */
export type HostedToolType = typeof HostedToolType.Type

/**
 * A tool that the host of the Responses API runs itself. Only its type is checked: its other fields belong to the host.
 *
 * @category schemas
 * @since 0.1.0
 */
export const HostedTool = Schema.StructWithRest(Schema.Struct({ type: HostedToolType }), [JsonRecord])
/**
 * A tool that the host of the Responses API runs itself.
 *
 * @category models
 * @since 0.1.0
 */
export type HostedTool = typeof HostedTool.Type

/**
 * A tool of a response.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ResponseTool = Schema.Union([FunctionTool, HostedTool])
/**
 * A tool of a response.
 *
 * @category models
 * @since 0.1.0
 */
export type ResponseTool = typeof ResponseTool.Type

const samplingFields = {
  reasoning_effort: maybe(openLiterals(["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
  temperature: maybe(Schema.Finite),
  top_p: maybe(Schema.Finite),
  seed: maybe(Schema.Int),
  max_completion_tokens: maybe(Schema.Int),
  max_completions_tokens: maybe(Schema.Int)
}

/**
 * Sampling parameters of a run of type `completions`. The specification names the token limit `max_completion_tokens`,
 * all official examples name it `max_completions_tokens`. Each is sent as it is written.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CompletionsSamplingParams = Schema.Struct({
  ...samplingFields,
  response_format: maybe(ResponseFormat),
  tools: maybe(Schema.Array(ChatTool))
})
/**
 * Sampling parameters of a run of type `completions`.
 *
 * @category models
 * @since 0.1.0
 */
export type CompletionsSamplingParams = typeof CompletionsSamplingParams.Type

/**
 * Sampling parameters of a run of type `responses`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ResponsesSamplingParams = Schema.Struct({
  ...samplingFields,
  text: maybe(Schema.Struct({ format: maybe(TextFormat) })),
  tools: maybe(Schema.Array(ResponseTool))
})
/**
 * Sampling parameters of a run of type `responses`.
 *
 * @category models
 * @since 0.1.0
 */
export type ResponsesSamplingParams = typeof ResponsesSamplingParams.Type
