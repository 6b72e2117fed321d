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
import { evalIdOf } from "./idKind.ts"
import * as Output from "./output.ts"
import { outputWidth } from "./outputWidth.ts"
import * as Target from "./target.ts"
import { couldNotRun } from "./Stop.ts"
import { count, date, percent } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import { cut, wrapped } from "./textLayout.ts"

type Lines = Stream.Stream<string, EvalsError, EvalsClient>

const pageSize = 100

/** The most stalled runs that are reported. */
const mostStalled = 5

const order = "desc"

// an object that cannot be decoded is listed with its known fields
type Listed = Raw.RawObject["value"]

const text = (of: Listed, field: string): string => {
  const value = at(of, field)
  return typeof value === "string" ? plain(value) : ""
}

const created = (of: Listed): string => {
  const value = at(of, "created_at")
  return typeof value === "number" ? date(value, "minute") : ""
}

/** The columns of a list, with the widths of the aligned ones. */
type Cells = ReadonlyArray<readonly [text: string, width: number]>

const evalCells = (one: Listed): Cells => [[created(one), 20]]

const progressCells = (run: Listed): Cells => {
  const [passed, judged] = [at(run, "result_counts", "passed"), at(run, "result_counts", "total")]
  if (typeof passed !== "number" || typeof judged !== "number") {
    return [
      ["", 7],
      ["", 9]
    ]
  }
  const rows = at(run, "evals_rows", "total")
  const all = typeof rows === "number" ? rows : judged
  return [
    // a rate of some of the rows is not the rate of the run
    [(all > 0 && judged >= all ? percent(passed / judged) : "").padStart(7), 7],
    [`${count(passed)}/${count(all)}`.padStart(9), 9]
  ]
}

const runCells = (run: Listed): Cells => [[created(run), 20], [text(run, "status"), 11], ...progressCells(run)]

/** The smallest width of a name beside the other columns. */
const leastName = 10

// an id is never cut: cells that do not fit beside it follow on the next line
const formatLine = (of: Listed, cells: Cells, width: number | undefined): string => {
  const id = plain(of.id)
  const name = text(of, "name")
  const line = [id, ...cells.map(([cell, room]) => cell.padEnd(room))].join("  ")
  const whole = `${line}  ${name}`.trimEnd()
  if (width === undefined) return whole
  if (line.trimEnd().length + (name === "" ? 0 : 2 + Math.min(leastName, name.length)) <= width)
    return cut(whole, width)
  return [id, ...wrapped([...cells.map(([cell]) => cell.trim()), name], width)].join("\n")
}

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

/** Reports each listed run. */
type Seen = (run: Listed) => void

const linesOf = (input: Input, evalId: EvalId | undefined, width: number | undefined, seen: Seen): Lines => {
  if (evalId === undefined) {
    return input.json
      ? Stream.map(rawEvals, ({ bytes }) => Output.lineOf(bytes))
      : Stream.map(rawEvals, ({ value }) => formatLine(value, evalCells(value), width))
  }
  const status = Option.isSome(input.status) ? { status: input.status.value } : {}
  return input.json
    ? Stream.map(rawRuns(evalId, status), ({ bytes }) => Output.lineOf(bytes))
    : Stream.map(rawRuns(evalId, status), ({ value }) => {
        seen(value)
        return formatLine(value, runCells(value), width)
      })
}

/** Lists evals, or the runs of an eval. */
export const handler = (input: Input) => {
  if (Option.isSome(input.status) && Option.isNone(input.evalId)) {
    return Effect.fail(couldNotRun("--status is for runs: name their eval."))
  }
  return Target.at(input, "read", (target) =>
    Effect.gen(function* () {
      const evalId = Option.isSome(input.evalId) ? yield* evalIdOf(input.evalId.value, target.flags) : undefined
      const width = yield* outputWidth
      const active: Array<RunId> = []
      const seen: Seen = (run) => {
        if (active.length < mostStalled && isActive(text(run, "status"))) active.push(RunId.make(run.id))
      }
      const printed = yield* Output.lines(linesOf(input, evalId, width, seen), Option.getOrUndefined(input.limit))
      if (printed === 0) yield* Console.error(Option.isNone(input.evalId) ? "there are no evals" : "there are no runs")
      for (const id of active) {
        const stalled = yield* target.stalled(id)
        if (stalled !== undefined) yield* Console.error(stalled)
      }
    })
  )
}
