/**
 * The criteria of an eval, with their counts in a run.
 */
import { field } from "../schema/finding.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as Grader from "../schema/Grader.ts"
import { graderType } from "../schema/graders/registry.ts"
import type * as Run from "../schema/Run.ts"
import { plain } from "./format.ts"

/** A criterion, and how many items passed it. Rates are from 0 to 1. */
export interface Criterion {
  /** `<name>-<uuid>`. */
  readonly id: string
  readonly name: string
  /** The type of its grader. */
  readonly type: string
  /** The operation, metric or model of the grader; empty for a type that has none. */
  readonly detail: string
  /** The least score that passes; undefined where it has none, or where the host's default is not known. */
  readonly passThreshold: number | undefined
  /** Whether the definition leaves the threshold out, so that the default of the host or engine holds. */
  readonly assumed: boolean
  readonly passed: number
  readonly failed: number
  /** The share of all items, errored ones included; null while there are none. */
  readonly passRate: number | null
}

/** The judge of a run, and the criteria it was sent. */
export interface Judging {
  /** Whether this engine judges, so that its defaults hold. */
  readonly embedded: boolean
  /** The criteria as they were sent, where they are known: a host may have filled in fields that they leave out. */
  readonly sent?: ReadonlyArray<unknown> | undefined
}

const uuid = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Returns a name for each id of a criterion: the id without its UUID, or the whole id where two names are equal. */
export const shortNames = (ids: ReadonlyArray<string>): ReadonlyMap<string, string> => {
  const short = ids.map((id) => id.replace(uuid, ""))
  return new Map(
    ids.map((id, index) => {
      const name = short[index] ?? id
      return [id, plain(short.filter((other) => other === name).length > 1 ? id : name)]
    })
  )
}

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const thresholdOf = (grader: Grader.Grader, { embedded, sent }: Judging, index: number) => {
  const stored = field(grader, "pass_threshold")
  const byDefault = graderType(grader.type)?.defaultPassThreshold
  const given = sent === undefined ? stored : field(sent[index], "pass_threshold")
  return {
    passThreshold: typeof stored === "number" ? stored : embedded ? byDefault?.(grader) : undefined,
    assumed: byDefault !== undefined && typeof given !== "number"
  }
}

/** Returns the criteria of an eval, with their counts in a run. */
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
      detail: plain(text(graderType(grader.type)?.detail?.(grader)) ?? ""),
      ...thresholdOf(grader, judging, index),
      passed,
      failed: counts?.failed ?? 0,
      passRate: total === 0 ? null : passed / total
    }
  })
}
