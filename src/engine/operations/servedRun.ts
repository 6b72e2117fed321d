/**
 * Builds the JSON of a run as it is served: its state, its results and its rows.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { lineFeed } from "../../schema/bytes.ts"
import * as Evals from "../../store/Evals.ts"
import * as Files from "../../store/Files.ts"
import { type Page, pageBytes } from "../../store/Page.ts"
import type { StoredRun } from "../../store/Runs.ts"
import type { Sql } from "../../store/Sql.ts"
import * as Content from "../rows/fileContent.ts"
import * as EvalText from "../texts/EvalText.ts"
import * as RunStatus from "../runs/RunStatus.ts"
import type { Gone } from "../rows/Lines.ts"
import { rounded } from "../models/Spending.ts"
import { isObject } from "../rows/JsonText.ts"
import { objectOf } from "../rows/SampleMessages.ts"
import { spentOf } from "../runs/RunSpending.ts"
import { notFound, type Rejection } from "../texts/Rejection.ts"
import * as RunText from "../texts/RunText.ts"
import { aroundPage, fit } from "./shared.ts"

/** A run or a page of runs as it is served. */
export type Served = string | Stream.Stream<Uint8Array, SqlError | Gone, SqlClient.SqlClient>

/** A part of an answer: a text, or a file whose lines are inserted. */
type Part = string | { readonly rowsFile: string; readonly size: number }

/**
 * The most bytes of rows that are read before an answer begins. A string is served faster than a stream, but memory
 * holds all of it.
 */
const mostAtOnce = 4 * Files.pieceSize

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const comma = 0x2c

// in JSON lines, a line feed stands only between two rows
const listed = (lines: Uint8Array): Uint8Array => {
  const copy = lines.slice()
  for (let at = copy.indexOf(lineFeed); at !== -1; at = copy.indexOf(lineFeed, at + 1)) copy[at] = comma
  return copy
}

/** Returns the text of a run with what it has spent. A cost that is not known is left out. */
const withUsage = (text: string, usage: string | null): string => {
  if (usage === null) return text
  const { spent, stopped } = objectOf(JSON.parse(usage))
  const known = spentOf(spent)
  const { cost, ...counts } = known ?? { cost: null }
  const { cache_hits, ...tokens } = { cache_hits: 0, ...counts }
  return RunText.withUsage(text, {
    spent: known && { ...tokens, ...(cost === null ? {} : { cost: rounded(cost) }), cache_hits },
    stopped: isObject(stopped) ? stopped : undefined
  })
}

/** Returns the present state of a run as JSON, without its rows. */
export const stateOf = (project: number, run: StoredRun): Sql<string> =>
  Effect.map(resultsOf(project, run), (text) => withUsage(text, run.usage))

const resultsOf = (project: number, run: StoredRun): Sql<string> =>
  run.status === "in_progress" && run.origin === "engine"
    ? Effect.gen(function* () {
        const one = yield* Evals.find(project, run.evalId)
        const criteria = one === undefined ? [] : EvalText.criteriaOf(one.body)
        return yield* RunStatus.current(
          run,
          project,
          criteria.map(({ id }) => id)
        )
      })
    : Effect.succeed(run.body)

/**
 * Makes a reader of runs. It also reads their rows while these are small. It returns undefined for a run that was
 * deleted meanwhile.
 */
const reader = (project: number) => {
  let left = mostAtOnce
  return (run: StoredRun): Sql<ReadonlyArray<Part> | undefined> =>
    Effect.gen(function* () {
      const text = yield* stateOf(project, run)
      if (run.rowsFile === null) return [text]
      const [before, after] = RunText.aroundRows(text)
      // every run has rows, so no rows means that the run was deleted
      const size = yield* Files.size(project, run.rowsFile)
      if (size === 0) return undefined
      if (size > Files.pieceSize || size > left) return [before, { rowsFile: run.rowsFile, size }, after]
      left -= size
      const piece = yield* Files.firstPiece(project, run.rowsFile)
      return piece === undefined ? undefined : [before, decoder.decode(listed(piece)), after]
    })
}

const served = (project: number, parts: ReadonlyArray<Part>): Served =>
  parts.every((part) => typeof part === "string") && fit(parts)
    ? parts.join("")
    : Stream.fromIterable(parts).pipe(
        Stream.flatMap((part) =>
          typeof part === "string"
            ? Stream.succeed(encoder.encode(part))
            : Stream.map(Content.whole(project, part.rowsFile, part.size), listed)
        )
      )

/** Returns a run as it is served. */
export const one = (
  project: number,
  run: StoredRun
): Effect.Effect<Served, Rejection | SqlError, SqlClient.SqlClient> =>
  Effect.flatMap(reader(project)(run), (parts) =>
    parts === undefined
      ? Effect.fail(notFound("run", run.id, ` of eval ${run.evalId}`))
      : Effect.succeed(served(project, parts))
  )

const sizeOf = (parts: ReadonlyArray<Part>): number =>
  parts.reduce((sum, part) => sum + (typeof part === "string" ? part.length : part.size), 0)

/**
 * Returns a page of runs as it is served, without runs that were deleted meanwhile. The page has a limit in bytes, rows
 * included. Runs beyond the limit are on later pages.
 */
export const page = (project: number, runs: Page<StoredRun>): Sql<Served> =>
  Effect.gen(function* () {
    const read = reader(project)
    const rows: Array<StoredRun> = []
    const inner: Array<Part> = []
    let { hasMore } = runs
    let size = 0
    for (const run of runs.rows) {
      const parts = yield* read(run)
      if (parts === undefined) continue
      size += sizeOf(parts)
      if (rows.length > 0 && size > pageBytes) {
        hasMore = true
        break
      }
      if (rows.length > 0) inner.push(",")
      rows.push(run)
      inner.push(...parts)
    }
    const [before, after] = aroundPage({ rows, hasMore })
    return served(project, [before, ...inner, after])
  })
