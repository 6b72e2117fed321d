/**
 * The end of commands that follow a run: its report is printed, and its outcome becomes the exit code.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type { Failures } from "../report/failures.ts"
import { count, shareAgainst } from "../report/format.ts"
import { toJson } from "../report/json.ts"
import * as RunReport from "../report/RunReport.ts"
import { stopOf } from "../report/spending.ts"
import type * as Run from "../schema/Run.ts"
import { fetchFailures } from "./fetchFailures.ts"
import { formatReport, formatUndecided } from "./formatReport.ts"
import { outputWidth } from "./outputWidth.ts"
import { couldNotRun, gateNotMet, type Stop, unfinished } from "./Stop.ts"
import type { Target } from "./target.ts"

/** A run, and the target that holds it. */
export interface Subject extends Omit<RunReport.Source, "embedded" | "failures"> {
  readonly target: Target
}

/** The width of a report where standard output is no terminal. */
const ample = 120

/** Makes the report of a run. */
export const reportOf = ({ target, ...source }: Subject, failures: Failures): RunReport.RunReport =>
  RunReport.make({
    ...source,
    failures,
    embedded: target.database !== undefined
  })

/** The flags that lead to the items of a run. */
export const itemFlags = (target: Target, run: Run.Run): string =>
  `${target.flags}${target.database === undefined ? ` --eval ${run.eval_id}` : ""}`

const withFailures = (subject: Subject): Effect.Effect<RunReport.RunReport, EvalsError, EvalsClient> =>
  Effect.map(fetchFailures(subject.eval, subject.run, subject.target.database !== undefined), (failures) =>
    reportOf(subject, failures)
  )

const format = (report: RunReport.RunReport, target: Target) =>
  Effect.map(outputWidth, (width) => formatReport(report, itemFlags(target, report.run), width ?? ample))

/** Formats the report of a run, as wide as standard output. */
export const formatted = (
  subject: Subject
): Effect.Effect<string, EvalsError, EvalsClient | Stdio.Stdio | Terminal.Terminal> =>
  Effect.flatMap(withFailures(subject), (report) => format(report, subject.target))

/** Prints the report of a run. Returns the report. */
export const print = (
  subject: Subject,
  asJson: boolean
): Effect.Effect<RunReport.RunReport, EvalsError, EvalsClient | Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function* () {
    const report = yield* withFailures(subject)
    yield* Console.log(asJson ? toJson(report, subject.target.database) : yield* format(report, subject.target))
    return report
  })

const notCompleted = ({ minPassRate, rows, run }: RunReport.RunReport): string => {
  const judged = `${run.id} is ${run.status}, with ${count(run.result_counts.total)}${
    rows === undefined ? "" : ` of ${count(rows)}`
  } rows judged`
  const stop = stopOf(run)
  if (stop !== undefined) return `${judged}: ${stop}`
  return minPassRate === undefined ? judged : `${judged}: whether ${String(minPassRate)} of all pass is not known`
}

/** Fails unless the run is completed and its gate is met. The exit code tells which of them is not so. */
export const conclude = (report: RunReport.RunReport): Effect.Effect<void, Stop> => {
  const { error, gate, run } = report
  switch (run.status) {
    case "completed":
      if (gate === undefined) return Effect.void
      if (gate._tag === "Decided") {
        const { minPassRate, passRate, passed } = gate
        return passed
          ? Effect.void
          : Effect.fail(
              gateNotMet(`too few items passed: ${shareAgainst(passRate, minPassRate)}, below ${String(minPassRate)}`)
            )
      }
      return gate.reason === "not completed"
        ? Effect.void
        : Effect.fail(couldNotRun(`the gate is undecided: ${formatUndecided(gate.reason)}`))
    case "failed":
      return Effect.fail(couldNotRun(`${run.id} failed: ${error ?? "no reason was given"}`))
    default:
      return Effect.fail(unfinished(notCompleted(report)))
  }
}
