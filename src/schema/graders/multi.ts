/**
 * `multi`: combines graders of the other types. The grader endpoints take it, evals do not.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { error, type Finding, type Location } from "../finding.ts"
import { open } from "../Wire.ts"
import { readFields } from "./GraderType.ts"

/** Returns the schema of a `multi` grader in a request. `criterion` is the schema of the graders that it combines. */
export const paramOf = <Criterion extends Schema.Top>(criterion: Criterion) =>
  Schema.Struct({
    type: Schema.tag("multi"),
    name: Schema.String,
    // the guide's map of names, the form of the specification, the form of its example
    graders: Schema.Union([criterion, Schema.Record(Schema.String, criterion), Schema.Array(criterion)]),
    calculate_output: Schema.String
  })

/** A `multi` grader in a response. */
export const Read = open({
  type: Schema.Literal("multi"),
  ...readFields,
  // the specification says one grader, its example a list, the guide a map of names
  graders: Schema.Unknown,
  calculate_output: Schema.String
})

/** Returns the finding for a `multi` in an eval. */
export const findings = (_: unknown, path: Location): ReadonlyArray<Finding> => [
  error(
    "multi-in-eval",
    path,
    "a multi grader is for fine-tuning and the grader endpoints, not for evals; list its graders as criteria of their own"
  )
]
