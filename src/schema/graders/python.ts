/**
 * `python`: a grader written in Python.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { maybe, open } from "../Wire.ts"
import { readFields } from "./GraderType.ts"
import { defaultRange, middle } from "./scoreRange.ts"

/**
 * Runs `grade(sample, item) -> float` of a Python source of less than 256 kB.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Python = Schema.Struct({
  type: Schema.tag("python"),
  name: Schema.String,
  source: Schema.String,
  image_tag: maybe(Schema.String),
  pass_threshold: maybe(Schema.Finite)
})
/**
 * A grader written in Python.
 *
 * @category models
 * @since 0.1.0
 */
export type Python = typeof Python.Type

/** A `python` grader in a response. */
export const Read = open({
  type: Schema.Literal("python"),
  ...readFields,
  source: Schema.String,
  image_tag: maybe(Schema.String),
  pass_threshold: maybe(Schema.Finite)
})

/** Returns the threshold of a criterion without one. A source may return any number; most return 0 to 1. */
export const defaultPassThreshold = (): number => middle(defaultRange)
