/**
 * The criteria of an eval, with the counts of a run.
 */
import type * as Eval from "../schema/Eval.ts"
import { at } from "../schema/fields.ts"
import type * as Grader from "../schema/Grader.ts"
import { graderType } from "../schema/graders/registry.ts"
import type * as Run from "../schema/Run.ts"
import { plain } from "./plainText.ts"

/** A criterion, and the counts of its items. Rates are from 0 to 1. */
export interface Criterion {
  /** `<name>-<uuid>`. */
  readonly id: string
  /** The name, without the UUID if the name is unique among the criteria. */
  readonly name: string
  /** The type of its grader. */
  readonly type: string
  /** The operation, metric or model of its grader. Empty for other types. */
  readonly detail: string
  /** The lowest score that passes, if the grader has one. */
  readonly passThreshold: number | undefined
  /** Whether the definition leaves the threshold out. The host then has a default, which is undefined if unknown. */
  readonly assumed: boolean
  readonly passed: number
  readonly failed: number
  /** The share of all items that passed. Items that errored are counted. Null if there are no items. */
  readonly passRate: number | null
}

/** The judge of a run, and the criteria that it was sent. */
export interface Judging {
  /** Whether this engine judges. Its default thresholds are known, those of a host are not. */
  readonly embedded: boolean
  /** The criteria as they were sent, if they are known. A served criterion also holds the defaults of the host. */
  readonly sent?: ReadonlyArray<unknown> | undefined
}

const uuid = /-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Returns the names of criteria by their ids. A name that is not unique keeps its UUID. */
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
  const stored = at(grader, "pass_threshold")
  const byDefault = graderType(grader.type)?.defaultPassThreshold
  const given = sent === undefined ? stored : at(sent[index], "pass_threshold")
  return {
    passThreshold: typeof stored === "number" ? stored : embedded ? byDefault?.(grader) : undefined,
    assumed: byDefault !== undefined && typeof given !== "number"
  }
}

/** Returns the criteria of an eval, with the counts of a run. */
export const criteriaOf = (one: Eval.Eval, run: Run.Run | undefined, judging: Judging): ReadonlyArray<Criterion> => {
  const results = run?.per_testing_criteria_results ?? []
  const total = run?.result_counts.total ?? 0
  const ids = one.testing_criteria.map(
    (grader, index) => text(at(grader, "id")) ?? results[index]?.testing_criteria ?? text(at(grader, "name")) ?? ""
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
