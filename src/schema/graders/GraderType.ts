/**
 * The client's half of a grader type: one file of this folder for each type. The engine's half scores.
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

/** The lowest and the highest score. */
export type Range = readonly [low: number, high: number]

/** The exports of a grader type beside its schemas. A criterion may be any JSON: definitions come from files. */
export interface GraderType {
  /** Returns the templates of a criterion. */
  readonly templateSites?: (criterion: unknown, path: Location) => ReadonlyArray<Site>
  /** Returns what `lintEval` finds in a criterion, except in its templates. */
  readonly findings?: (criterion: unknown, path: Location) => ReadonlyArray<Finding>
  /** Returns the field that the command shows beside the type, such as the operation or the model. */
  readonly detail?: (criterion: unknown) => unknown
  /** Returns the range of scores; undefined where the criterion does not say it in a readable way. */
  readonly scoreRange?: (criterion: unknown) => Range | undefined
  /** Returns the least score that passes where a criterion has no `pass_threshold`. Types without a threshold have no default. */
  readonly defaultPassThreshold?: (criterion: unknown) => number
  /** Whether the specification requires `pass_threshold` in an eval. This engine stores the default where it is left out. */
  readonly requiresPassThreshold?: boolean
}

/** The fields of every grader that the host gives back. */
export const readFields = {
  name: Schema.String,
  id: maybe(Schema.String),
  grdr_id: maybe(Schema.Unknown),
  inactive_at: maybe(Schema.Unknown)
}
