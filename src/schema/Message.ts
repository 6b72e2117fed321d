/** Messages and their content. Those of requests are templates. */
import * as Schema from "effect/Schema"
import { maybe, open, openLiterals, openUnion } from "./Wire.ts"

// =============================================================================
// read
// =============================================================================

const readCacheBreakpoint = { prompt_cache_breakpoint: maybe(open({ mode: maybe(Schema.String) })) }

/**
 * A part of a message's content. A type of part that this version does not know is kept.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ContentPart = openUnion([
  open({ type: Schema.Literal("input_text"), text: Schema.String, ...readCacheBreakpoint }),
  open({ type: Schema.Literal("output_text"), text: Schema.String }),
  open({
    type: Schema.Literal("input_image"),
    image_url: maybe(Schema.String),
    file_id: maybe(Schema.String),
    detail: maybe(Schema.String),
    ...readCacheBreakpoint
  }),
  open({
    type: Schema.Literal("input_audio"),
    input_audio: open({ data: Schema.String, format: openLiterals(["mp3", "wav"]) })
  }),
  open({
    type: Schema.Literal("input_file"),
    file_id: maybe(Schema.String),
    filename: maybe(Schema.String),
    file_data: maybe(Schema.String),
    file_url: maybe(Schema.String),
    detail: maybe(Schema.String),
    ...readCacheBreakpoint
  })
])
/**
 * A part of a message's content.
 *
 * @category models
 * @since 0.1.0
 */
export type ContentPart = typeof ContentPart.Type

/**
 * The content of a message: plain text, one part, or a list of both.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Content = Schema.Union([
  Schema.String,
  ContentPart,
  Schema.Array(Schema.Union([Schema.String, ContentPart]))
])
/**
 * The content of a message: plain text, one part, or a list of both.
 *
 * @category models
 * @since 0.1.0
 */
export type Content = typeof Content.Type

/**
 * A message of a grader's or a run's input.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Message = open({
  role: openLiterals(["user", "assistant", "system", "developer"]),
  content: Content,
  type: maybe(Schema.String),
  phase: maybe(openLiterals(["commentary", "final_answer"]))
})
/**
 * A message of a grader's or a run's input.
 *
 * @category models
 * @since 0.1.0
 */
export type Message = typeof Message.Type

// =============================================================================
// write
// =============================================================================

const promptCacheBreakpoint = {
  prompt_cache_breakpoint: maybe(Schema.Struct({ mode: Schema.Literal("explicit") }))
}

/**
 * Text of an input message. `{{ item.x }}` and `{{ sample.x }}` are filled in for each row.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputTextParam = Schema.Struct({
  type: Schema.tag("input_text"),
  text: Schema.String,
  ...promptCacheBreakpoint
})
/**
 * Text of an input message.
 *
 * @category models
 * @since 0.1.0
 */
export type InputTextParam = typeof InputTextParam.Type

/**
 * Text of a model's answer, as part of an example.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OutputTextParam = Schema.Struct({ type: Schema.tag("output_text"), text: Schema.String })
/**
 * Text of a model's answer, as part of an example.
 *
 * @category models
 * @since 0.1.0
 */
export type OutputTextParam = typeof OutputTextParam.Type

/**
 * An image: its URL or data URL, which may be a template, or the id of an uploaded file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputImageParam = Schema.Struct({
  type: Schema.tag("input_image"),
  image_url: maybe(Schema.String),
  file_id: maybe(Schema.String),
  detail: maybe(openLiterals(["low", "high", "auto", "original"])),
  ...promptCacheBreakpoint
})
/**
 * An image: its URL or data URL, which may be a template, or the id of an uploaded file.
 *
 * @category models
 * @since 0.1.0
 */
export type InputImageParam = typeof InputImageParam.Type

/**
 * Audio in base64. The guide says that runs of type `completions` accept it, and that runs of type `responses` do not.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputAudioParam = Schema.Struct({
  type: Schema.tag("input_audio"),
  input_audio: Schema.Struct({ data: Schema.String, format: openLiterals(["mp3", "wav"]) })
})
/**
 * Audio in base64.
 *
 * @category models
 * @since 0.1.0
 */
export type InputAudioParam = typeof InputAudioParam.Type

/**
 * A file: by id, by URL, or in base64.
 *
 * @category schemas
 * @since 0.1.0
 */
export const InputFileParam = Schema.Struct({
  type: Schema.tag("input_file"),
  file_id: maybe(Schema.String),
  filename: maybe(Schema.String),
  file_data: maybe(Schema.String),
  file_url: maybe(Schema.String),
  detail: maybe(openLiterals(["low", "high", "auto"])),
  ...promptCacheBreakpoint
})
/**
 * A file: by id, by URL, or in base64.
 *
 * @category models
 * @since 0.1.0
 */
export type InputFileParam = typeof InputFileParam.Type

/**
 * A part of a message's content in a request.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ContentPartParam = Schema.Union([
  InputTextParam,
  OutputTextParam,
  InputImageParam,
  InputAudioParam,
  InputFileParam
]).pipe(Schema.toTaggedUnion("type"))
/**
 * A part of a message's content in a request.
 *
 * @category models
 * @since 0.1.0
 */
export type ContentPartParam = typeof ContentPartParam.Type

/**
 * The content of a message in a request: text, one part, or a list of both.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ContentParam = Schema.Union([
  Schema.String,
  ContentPartParam,
  Schema.Array(Schema.Union([Schema.String, ContentPartParam]))
])
/**
 * The content of a message in a request: text, one part, or a list of both.
 *
 * @category models
 * @since 0.1.0
 */
export type ContentParam = typeof ContentParam.Type

/**
 * A message in a request.
 *
 * @category schemas
 * @since 0.1.0
 */
export const MessageParam = Schema.Struct({
  role: openLiterals(["user", "assistant", "system", "developer"]),
  content: ContentParam,
  type: maybe(Schema.Literal("message")),
  phase: maybe(openLiterals(["commentary", "final_answer"]))
})
/**
 * A message in a request.
 *
 * @category models
 * @since 0.1.0
 */
export type MessageParam = typeof MessageParam.Type
