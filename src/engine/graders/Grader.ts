/**
 * A type of grader as the engine has it: how its fields are read, and how it judges. Its schema, its template sites and
 * its words for the command are in `schema/`, since the client has them too.
 *
 * @internal
 */
import type * as Result from "effect/Result"
import type { Scope } from "../rows/Template.ts"
import type { AskedModel, Verdict } from "./Scored.ts"

/** The fields of a grader, which may be a host's own: nothing is taken for granted. */
export type Fields = { readonly [name: string]: unknown }

/** A grader that was read. */
export interface Grading {
  /** Judges a row. */
  readonly judge: (scope: Scope) => Verdict
  /** The least score that passes. */
  readonly threshold: number
  /** The models that it asks, each once. Empty for a grader that scores without help. */
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
  /** Its place in the sentence that lists what this engine runs. */
  readonly runs: string
  /** Reads a grader of the type. The failure says what is wrong with its fields. */
  readonly compile: (fields: Fields) => Result.Result<Grading, string>
}

/**
 * Returns what is wrong with fields that must be texts; undefined where they are.
 *
 * They are checked by hand: the schemas take a worker longer to load than a thousand rows take to judge.
 */
export const notTexts = (fields: Fields, names: ReadonlyArray<string>): string | undefined => {
  const wrong = names.filter((name) => typeof fields[name] !== "string")
  return wrong.length === 0 ? undefined : `${wrong.join(", ")} must be ${wrong.length === 1 ? "a text" : "texts"}`
}

/** A field that is a text; empty where it is none, which {@link notTexts} has refused before. */
export const textField = (fields: Fields, name: string): string => {
  const value = fields[name]
  return typeof value === "string" ? value : ""
}

/** A `pass_threshold`: a number, undefined where there is none or null, or what is wrong with it. */
export const thresholdField = ({
  pass_threshold: threshold
}: Fields): { readonly threshold: number | undefined } | string =>
  threshold === undefined || threshold === null
    ? { threshold: undefined }
    : typeof threshold === "number" && Number.isFinite(threshold)
      ? { threshold }
      : "pass_threshold must be a number"
