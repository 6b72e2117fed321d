/**
 * The criteria of an eval, and what a run says of them, for people.
 */
import { defaultPassThreshold } from "../engine/graders/Criteria.ts"
import { field } from "../internal/lint/finding.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as Grader from "../schema/Grader.ts"
import type * as Run from "../schema/Run.ts"
import { plain } from "./format.ts"

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
  /** Whether the definition leaves the threshold out: it is then that of who judges, undefined where that is not said. */
  readonly assumed: boolean
  readonly passed: number
  readonly failed: number
  /** Of all items, those that could not be judged included; null while there are none. */
  readonly passRate: number | null
}

/** Who judges, and by what. */
export interface Judging {
  /** Whether it is this engine, so that its defaults hold. */
  readonly embedded: boolean
  /** The criteria as they were sent, where that is known: who judges may have filled in what they leave out. */
  readonly sent?: ReadonlyArray<unknown> | undefined
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

const thresholdOf = (grader: Grader.Grader, { embedded, sent }: Judging, index: number) => {
  const stored = field(grader, "pass_threshold")
  const own = embedded ? field(defaultPassThreshold, grader.type) : undefined
  const threshold = typeof stored === "number" ? stored : typeof own === "number" ? own : undefined
  const given = sent === undefined ? stored : field(sent[index], "pass_threshold")
  return { passThreshold: threshold, assumed: withThreshold.has(grader.type) && typeof given !== "number" }
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

/** The criteria of an eval, with what a run came to. */
export const of = (one: Eval.Eval, run: Run.Run | undefined, judging: Judging): ReadonlyArray<Criterion> => {
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
      ...thresholdOf(grader, judging, index),
      passed,
      failed: counts?.failed ?? 0,
      passRate: total === 0 ? null : passed / total
    }
  })
}
