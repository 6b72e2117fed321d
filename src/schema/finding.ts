/**
 * Findings of `lintEval`, and readers of a definition that may be any JSON.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { formatPath } from "./issues.ts"

/** The rule of a finding. `lintEval` describes the rules. */
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
 * A fault, or a probable fault, of a definition.
 *
 * @category models
 * @since 0.1.0
 */
export interface Finding {
  /** The path of the wrong value, such as `testing_criteria[0].input`. A path in the body of the run begins with `run`. */
  readonly path: string
  readonly rule: Rule
  /** `error`: the definition cannot work. `warning`: the definition works, but probably not as its author wants. */
  readonly severity: "error" | "warning"
  /** The fault, and how to mend it. */
  readonly message: string
}

/** The path of a value in a definition. */
export type Location = ReadonlyArray<PropertyKey>

/** Makes a finding of severity `error`. */
export const error = (rule: Rule, path: Location, message: string): Finding => ({
  path: formatPath(path),
  rule,
  severity: "error",
  message
})

/** Makes a finding of severity `warning`. */
export const warning = (rule: Rule, path: Location, message: string): Finding => ({
  ...error(rule, path, message),
  severity: "warning"
})

/** Returns a field of an object, and undefined for any other value: a definition from a file may hold anything. */
export const field = (value: unknown, name: string): unknown =>
  Predicate.isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** Returns a list, and an empty list for any other value. */
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

/** Returns the strings of a list, and an empty list for any other value. */
export const texts = (value: unknown): ReadonlyArray<string> => list(value).filter(Predicate.isString)

/** Returns a short text for a value in a message. */
export const show = (value: unknown): string => {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value)
  if (Array.isArray(value)) return "a list"
  return typeof value === "object" && value !== null ? "an object" : String(value)
}
