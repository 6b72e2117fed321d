/**
 * The criteria of an eval, and what a run says of them, for people.
 */
import { defaultPassThreshold } from "../engine/Criteria.ts"
import { field } from "../internal/lint/finding.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as Grader from "../schema/Grader.ts"
import type * as Run from "../schema/Run.ts"
import { plain } from "./words.ts"

/** A criterion, and how many items passed it. Rates are from 0 to 1. */
export interface Criterion {
  /** `<name>-<uuid>`. */
  readonly id: string
  readonly name: string
  /** The type of its grader. */
  readonly type: string
  /** What the grader compares by, or the model that it asks; nothing where its type says it all. */
  readonly detail: string
  /** The least score that passes, where it has one. */
  readonly passThreshold: number | undefined
  /** Whether the definition leaves the threshold out. It is then this engine's own, or undefined at a host. */
  readonly assumed: boolean
  readonly passed: number
  readonly failed: number
  /** Of all items, those that could not be judged included; null while there are none. */
  readonly passRate: number | null
}

const uuid = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The names of criteria: without what makes them unique, where they are so without it. */
export const shortNames = (ids: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const short = ids.map((id) => id.replace(uuid, ""))
  return new Map(
    ids.map((id, index) => {
      const name = short[index] ?? id
      return [id, plain(short.filter((other) => other === name).length > 1 ? id : name)]
    })
  )
}

const detailOf = (grader: Grader.Grader): string => {
  switch (grader.type) {
    case "string_check":
      return grader.operation
    case "text_similarity":
      return grader.evaluation_metric
    case "score_model":
    case "label_model":
      return grader.model
    default:
      return ""
  }
}

const withThreshold = new Set(["text_similarity", "score_model", "python"])

const thresholdOf = (grader: Grader.Grader, embedded: boolean): Pick<Criterion, "passThreshold" | "assumed"> => {
  const given = field(grader, "pass_threshold")
  if (typeof given === "number") return { passThreshold: given, assumed: false }
  if (!withThreshold.has(grader.type)) return { passThreshold: undefined, assumed: false }
  const own = field(defaultPassThreshold, grader.type)
  return { passThreshold: embedded && typeof own === "number" ? own : undefined, assumed: true }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/**
 * The criteria of an eval, with what a run came to. `embedded` says whether this
 * project's engine judges, so that its defaults hold.
 */
export const of = (one: Eval.Eval, run: Run.Run | undefined, embedded: boolean): ReadonlyArray<Criterion> => {
  const results = run?.per_testing_criteria_results ?? []
  const total = run?.result_counts.total ?? 0
  const ids = one.testing_criteria.map(
    (grader, index) =>
      text(field(grader, "id")) ?? results[index]?.testing_criteria ?? text(field(grader, "name")) ?? ""
  )
  const names = shortNames(ids)
  return one.testing_criteria.map((grader, index) => {
    const id = ids[index] ?? ""
    const counts = results.find((result) => result.testing_criteria === id) ?? results[index]
    const passed = counts?.passed ?? 0
    return {
      id,
      name: names.get(id) ?? id,
      type: grader.type,
      detail: plain(detailOf(grader)),
      ...thresholdOf(grader, embedded),
      passed,
      failed: counts?.failed ?? 0,
      passRate: total === 0 ? null : passed / total
    }
  })
}
