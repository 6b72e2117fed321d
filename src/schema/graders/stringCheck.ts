/**
 * `string_check`: compares two strings.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { field, type Location } from "../finding.ts"
import { ofFields, type Site } from "../templateSites.ts"
import { open, openLiterals } from "../Wire.ts"
import { readFields } from "./GraderType.ts"

const operations = ["eq", "ne", "like", "ilike"] as const

/**
 * Compares two strings. `eq` and `ne` respect case. `like` passes when the input
 * contains the reference; `ilike` does the same without regard to case.
 *
 * @category schemas
 * @since 0.1.0
 */
export const StringCheck = Schema.Struct({
  type: Schema.tag("string_check"),
  name: Schema.String,
  input: Schema.String,
  reference: Schema.String,
  operation: Schema.Literals(operations)
})
/**
 * A comparison of two strings.
 *
 * @category models
 * @since 0.1.0
 */
export type StringCheck = typeof StringCheck.Type

/** A `string_check` in a response. */
export const Read = open({
  type: Schema.Literal("string_check"),
  ...readFields,
  input: Schema.String,
  reference: Schema.String,
  operation: openLiterals(operations)
})

/** Returns the templates of a criterion. */
export const templateSites = (criterion: unknown, path: Location): ReadonlyArray<Site> =>
  ofFields(criterion, ["input", "reference"], path)

/** Returns the operation. */
export const detail = (criterion: unknown): unknown => field(criterion, "operation")
