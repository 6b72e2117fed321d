/**
 * What a check of a definition finds.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { formatPath } from "../../schema/issues.ts"

/** What a finding is about; the rules are described at `lintEval`. */
export type Rule =
  | "invalid-definition"
  | "unknown-key"
  | "item-schema"
  | "malformed-template"
  | "unknown-namespace"
  | "single-braces"
  | "unknown-item-field"
  | "unknown-sample-field"
  | "sample-not-included"
  | "score-range"
  | "threshold-range"
  | "empty-label"
  | "duplicate-label"
  | "unknown-passing-label"
  | "no-criteria"
  | "duplicate-name"
  | "multi-in-eval"
  | "sample-in-input"
  | "item-reference"
  | "row-mismatch"

/**
 * Something about a definition that its author will want to know.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  /** Where it is: `testing_criteria[0].input`. A place in the run's body begins with `run`. */
  readonly path: string
  readonly rule: Rule
  /** An `error` cannot work; a `warning` is most likely not what was meant. */
  readonly severity: "error" | "warning"
  /** What is wrong, and how to mend it. */
  readonly message: string
}

/** A place in a definition. */
export type Location = ReadonlyArray<PropertyKey>

/** A finding that cannot work. */
export const error = (rule: Rule, path: Location, message: string): Finding => ({
  path: formatPath(path),
  rule,
  severity: "error",
  message
})

/** A finding that is most likely not what was meant. */
export const warning = (rule: Rule, path: Location, message: string): Finding => ({
  ...error(rule, path, message),
  severity: "warning"
})

/** A field of whatever may be an object. Definitions come from files too, so nothing is taken for granted. */
export const field = (value: unknown, name: string): unknown =>
  Predicate.isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** The entries of whatever may be a list. */
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** The texts of whatever may be a list of them. */
export const texts = (value: unknown): ReadonlyArray<string> => list(value).filter(Predicate.isString)

/** A value in a few words. */
export const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return "a list"
  return typeof value === "object" && value !== null ? "an object" : String(value)
}
