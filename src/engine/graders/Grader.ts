/**
 * The engine's part of a grader type: it compiles the fields of a grader, and judges rows. The schema, the template sites
 * and the description for the command are in `schema/graders/`, since the client needs them too.
 *
 * @internal
 */
import type * as Result from "effect/Result"
import type { Scope } from "../rows/Template.ts"
import type { AskedModel, Verdict } from "./Scored.ts"

/** The fields of a grader. They may come from a host, so every field is checked. */
export type Fields = { readonly [name: string]: unknown }

/** A compiled grader. */
export interface Grading {
  /** Judges a row. */
  readonly judge: (scope: Scope) => Verdict
  /** The least score that passes. */
  readonly threshold: number
  /** The models that the grader asks, each once. Empty for a grader that asks none. */
  readonly models: ReadonlyArray<AskedModel>
}

/** The reason why a grader cannot be run. */
export interface Fault {
  /** `invalid`: the definition contradicts itself. `unsupported`: it is well formed, and this engine cannot run it. */
  readonly kind: "invalid" | "unsupported"
  readonly message: string
}

/** A type of grader. */
export interface GraderType {
  /** The `type` of its graders. */
  readonly type: string
  /** Compiles a grader of the type. The failure describes the fault of its fields. */
  readonly compile: (fields: Fields) => Result.Result<Grading, string>
}

/**
 * Checks fields that must be strings. Returns the fault, or undefined if there is none.
 *
 * No Schema is used here: a worker needs more time to load the schemas than to judge a thousand rows.
 */
export const notTexts = (fields: Fields, names: ReadonlyArray<string>): string | undefined => {
  const wrong = names.filter((name) => typeof fields[name] !== "string")
  return wrong.length === 0 ? undefined : `${wrong.join(", ")} must be ${wrong.length === 1 ? "a text" : "texts"}`
}

/** Returns a field that {@link notTexts} has checked. */
export const textField = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === "string" ? value : ""
}

/** Reads `pass_threshold`: a number, or undefined if it is absent or null. A string describes the fault. */
export const thresholdField = ({
  pass_threshold: threshold
}: Fields): { readonly threshold: number | undefined } | string =>
  threshold === undefined || threshold === null
    ? { threshold: undefined }
    : typeof threshold === "number" && Number.isFinite(threshold)
      ? { threshold }
      : "pass_threshold must be a number"
