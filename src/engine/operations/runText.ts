/**
 * Puts a run together as it is served: with what it has come to, and its rows.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Evals from "../../store/Evals.ts"
import * as Files from "../../store/Files.ts"
import type { Page } from "../../store/Page.ts"
import type { StoredRun } from "../../store/Runs.ts"
import * as EvalText from "../EvalText.ts"
import * as Execution from "../Execution.ts"
import * as RunText from "../RunText.ts"
import { aroundPage, fit } from "./shared.ts"

type Sql<A> = Effect.Effect<A, SqlError, SqlClient.SqlClient>

/** A part of what is served: a text, or the file whose lines stand in its place. */
type Part = string | { readonly rowsFile: string }

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const lineFeed = 0x0a
const comma = 0x2c

// a line feed in JSON lines can only stand between two rows
const listed = (lines: Uint8Array): Uint8Array => {
  const copy = lines.slice()
  for (let at = copy.indexOf(lineFeed); at !== -1; at = copy.indexOf(lineFeed, at + 1)) copy[at] = comma
  return copy
}

/** Without its rows: the state that a run is in, as its text. */
export const stateOf = (project: number, run: StoredRun): Sql<string> =>
  run.status === "in_progress" && run.origin === "engine"
    ? Effect.gen(function* () {
        const one = yield* Evals.find(project, run.evalId)
        const criteria = one === undefined ? [] : EvalText.criteriaOf(one.body)
        return yield* Execution.current(
          run,
          project,
          criteria.map(({ id }) => id)
        )
      })
    : Effect.succeed(run.body)

const partsOf = (run: StoredRun, text: string): ReadonlyArray<Part> => {
  if (run.rowsFile === null) return [text]
  const [before, after] = RunText.aroundRows(text)
  return [before, { rowsFile: run.rowsFile }, after]
}

// small rows are read at once: a text is served faster than a stream
const rowsOf = (project: number, rowsFile: string): Sql<Part> =>
  Effect.map(Files.firstPiece(project, rowsFile), (piece) =>
    piece !== undefined && piece.length === Files.pieceSize
      ? { rowsFile }
      : decoder.decode(listed(piece ?? new Uint8Array(0)))
  )

const served = (
  project: number,
  parts: ReadonlyArray<Part>
): Sql<string | Stream.Stream<Uint8Array, SqlError, SqlClient.SqlClient>> =>
  Effect.map(
    Effect.forEach(parts, (part) => (typeof part === "string" ? Effect.succeed(part) : rowsOf(project, part.rowsFile))),
    (read) =>
      read.every((part) => typeof part === "string") && fit(read)
        ? read.join("")
        : Stream.fromIterable(read).pipe(
            Stream.flatMap((part) =>
              typeof part === "string"
                ? Stream.succeed(encoder.encode(part))
                : Stream.map(Files.content(project, part.rowsFile), listed)
            )
          )
  )

/** A run as it is served. */
export const one = (project: number, run: StoredRun) =>
  Effect.flatMap(stateOf(project, run), (text) => served(project, partsOf(run, text)))

/** A page of runs as it is served. */
export const page = (project: number, runs: Page<StoredRun>) =>
  Effect.gen(function* () {
    const [before, after] = aroundPage(runs)
    const parts: Array<Part> = [before]
    for (const [index, run] of runs.rows.entries()) {
      if (index > 0) parts.push(",")
      parts.push(...partsOf(run, yield* stateOf(project, run)))
    }
    parts.push(after)
    return yield* served(project, parts)
  })
