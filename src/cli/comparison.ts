/**
 * A run beside the one before it, in one line.
 */
import type * as Run from "../schema/Run.ts"
import { count, date } from "./format.ts"

const kinds = ["passed", "failed", "errored"] as const

const signed = (difference: number): string => `${difference > 0 ? "+" : "-"}${count(Math.abs(difference))}`

/** Returns the counts of the run before, and how those of this run differ: `before 3 passed, …: +1 passed, -1 failed`. */
export const comparison = (run: Run.Run, before: Run.Run): string => {
  const [now, then] = [run.result_counts, before.result_counts]
  const differences = kinds.flatMap((kind) =>
    now[kind] === then[kind] ? [] : [`${signed(now[kind] - then[kind])} ${kind}`]
  )
  const counts = kinds.map((kind) => `${count(then[kind])} ${kind}`).join(", ")
  return (
    `before ${counts}, ${count(then.total)} in all: ${differences.length === 0 ? "no change" : differences.join(", ")}` +
    `  (${before.id}, ${date(before.created_at, "minute")})`
  )
}
