/**
 * The client's half of a grader type. Each type has a file in this folder. The engine's half scores.
 *
 * The exports of such a file are separate, so that a bundle has only those that a program reaches: a client needs the
 * schemas, `lintEval` needs the checks, the command needs the description.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import type { Finding, Location } from "../finding.ts"
import type { Site } from "../templateSites.ts"
import { maybe } from "../Wire.ts"
import type { Range } from "./scoreRange.ts"

/**
 * The exports of a grader type, except for its schemas. A criterion may be any JSON, since definitions come from files.
 */
export interface GraderType {
  /** Returns the templates of a criterion. */
  readonly templateSites?: (criterion: unknown, path: Location) => ReadonlyArray<Site>
  /** Returns the findings of `lintEval`, except for those about templates. */
  readonly findings?: (criterion: unknown, path: Location) => ReadonlyArray<Finding>
  /** Returns the value that the command shows beside the type, such as the operation or the model. */
  readonly detail?: (criterion: unknown) => unknown
  /** Returns the range of scores, and undefined if the criterion has no valid one. */
  readonly scoreRange?: (criterion: unknown) => Range | undefined
  /**
   * Returns the least score that passes if a criterion has no `pass_threshold`. Types without a threshold have no
   * default.
   */
  readonly defaultPassThreshold?: (criterion: unknown) => number
  /**
   * Whether the specification requires `pass_threshold` in an eval. The engine then stores the default if the request
   * has none.
   */
  readonly requiresPassThreshold?: boolean
}

/** Fields of every grader in a response. */
export const readFields = {
  name: Schema.String,
  id: maybe(Schema.String),
  grdr_id: maybe(Schema.Unknown),
  inactive_at: maybe(Schema.Unknown)
}
