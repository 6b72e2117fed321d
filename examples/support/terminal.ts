/**
 * Output for a terminal.
 */
import { Console, Effect } from "effect"
import type { Run } from "effect-evals"

/** `████████░░░░` for two thirds. */
export const bar = (share: number, width = 24): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

/** `75.0 %`. */
export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** One line about a run of so many rows. */
export const progressLine = (run: Run.Run, rows: number): string => {
  const { failed, passed, total } = run.result_counts
  return `${bar(total / rows)} ${String(total).padStart(3)}/${rows}  ${passed} passed  ${failed} failed  ${run.status}`
}

/** Writes over the line before in a terminal, and one line after another elsewhere. */
export const show = (line: string, last: boolean): Effect.Effect<void> =>
  process.stdout.isTTY
    ? Effect.sync(() => {
        process.stdout.write(`\r\u001b[K${line}${last ? "\n" : ""}`)
      })
    : Console.log(line)
