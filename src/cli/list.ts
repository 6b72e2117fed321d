/**
 * `effect-evals list`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import type { EvalsClient } from "../EvalsClient.ts"
import { isActive } from "../engine/runs/Lifecycle.ts"
import type { EvalsError } from "../EvalsError.ts"
import * as Pagination from "../Pagination.ts"
import * as Raw from "../Raw.ts"
import { at } from "../schema/fields.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import type { Input } from "./commands/list.ts"
import * as Output from "./output.ts"
import { outputWidth } from "./outputWidth.ts"
import * as Place from "./place.ts"
import { couldNotRun } from "./Stop.ts"
import { count, cut, date, percent, plain } from "./words.ts"

type Lines = Stream.Stream<string, EvalsError, EvalsClient>

const pageSize = 100

/** Of how many runs that stand still it is told. */
const mostTold = 5

const order = "desc"

const minutes = (seconds: number): string => date(seconds).slice(0, 16)

// An object that is not all that the API promises is listed with what it has: one among them hides no others.
type Listed = Raw.RawObject["value"]

const text = (of: Listed, field: string): string => {
  const value = at(of, field)
  return typeof value === "string" ? plain(value) : ""
}

const created = (of: Listed): string => {
  const value = at(of, "created_at")
  return (typeof value === "number" ? minutes(value) : "").padEnd(16)
}

const evalWords = (one: Listed): string => `${one.id}  ${created(one)}  ${text(one, "name")}`

const cameOf = (run: Listed): string => {
  const [passed, total] = [at(run, "result_counts", "passed"), at(run, "result_counts", "total")]
  if (typeof passed !== "number" || typeof total !== "number") return " ".repeat(18)
  const rate = total === 0 ? "" : percent(passed / total)
  return `${rate.padStart(7)}  ${`${count(passed)}/${count(total)}`.padStart(9)}`
}

const runWords = (run: Listed): string =>
  `${run.id}  ${created(run)}  ${text(run, "status").padEnd(11)}  ${cameOf(run)}  ${text(run, "name")}`

const rawEvals = Pagination.items(
  ({ after }: Pagination.Cursor<string>) =>
    Raw.listEvalsPage({ order, limit: pageSize, ...(after === undefined ? {} : { after: EvalId.make(after) }) }),
  {}
)

const rawRuns = (evalId: EvalId, status: Pick<Run.ListParams, "status">) =>
  Pagination.items(
    ({ after }: Pagination.Cursor<string>) =>
      Raw.listRunsPage(evalId, {
        order,
        limit: pageSize,
        ...status,
        ...(after === undefined ? {} : { after: RunId.make(after) })
      }),
    {}
  )

/** What is told of each run that is shown. */
type Seen = (run: Listed) => void

const linesOf = (input: Input, width: number | undefined, seen: Seen): Lines => {
  const fit = (text: string): string => (width === undefined ? text.trimEnd() : cut(text.trimEnd(), width))
  if (Option.isNone(input.evalId)) {
    return input.json
      ? Stream.map(rawEvals, ({ bytes }) => Output.lineOf(bytes))
      : Stream.map(rawEvals, ({ value }) => fit(evalWords(value)))
  }
  const evalId = EvalId.make(input.evalId.value)
  const status = Option.isSome(input.status) ? { status: input.status.value } : {}
  return input.json
    ? Stream.map(rawRuns(evalId, status), ({ bytes }) => Output.lineOf(bytes))
    : Stream.map(rawRuns(evalId, status), ({ value }) => {
        seen(value)
        return fit(runWords(value))
      })
}

/** Lists evals, or the runs of one. */
export const handler = (input: Input) => {
  if (Option.isSome(input.status) && Option.isNone(input.evalId)) {
    return Effect.fail(couldNotRun("--status is for runs: name their eval."))
  }
  return Place.at(input, "read", (place) =>
    Effect.gen(function* () {
      const width = yield* outputWidth
      const active: Array<RunId> = []
      const seen: Seen = (run) => {
        if (active.length < mostTold && isActive(text(run, "status"))) active.push(RunId.make(run.id))
      }
      const shown = yield* Output.lines(linesOf(input, width, seen), Option.getOrUndefined(input.limit))
      if (shown === 0) yield* Console.error(Option.isNone(input.evalId) ? "there are no evals" : "there are no runs")
      for (const id of active) {
        const idle = yield* place.idle(id)
        if (idle !== undefined) yield* Console.error(idle)
      }
    })
  )
}
