/**
 * The rows of a CSV file, written as JSON lines.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { type CsvReader, CsvProblem, csvReader } from "./csv.ts"
import { unreadable } from "./source.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

const encoder = new TextEncoder()

/** A CSV file. */
export interface Table {
  /** The name in messages. */
  readonly name: string
  readonly path: string
  /** The sample column. Undefined for the default. */
  readonly sampleColumn: string | undefined
}

const jsonLines = (fs: FileSystem.FileSystem, { name, path }: Table, reader: CsvReader) => {
  const decoder = new TextDecoder("utf-8", { fatal: true })
  const lines = (read: () => string) =>
    Effect.try({
      try: () => encoder.encode(read()),
      catch: (cause) =>
        couldNotRun(
          cause instanceof CsvProblem
            ? `${name}, ${cause.message}.`
            : `${name} is not UTF-8: save it as UTF-8 ("CSV UTF-8" in Excel).`
        )
    })
  return Stream.concat(
    Stream.mapEffect(fs.stream(path), (bytes) => lines(() => reader.add(decoder.decode(bytes, { stream: true })))),
    Stream.fromEffect(Effect.suspend(() => lines(() => reader.add(decoder.decode()) + reader.end())))
  )
}

/** Finds the first line of the record of a row, both counted from 1. The table is read again. */
const lineOf = (fs: FileSystem.FileSystem, table: Table, row: number): Effect.Effect<number, Stop> =>
  Effect.suspend(() => {
    let rows = 0
    let found = row
    const reader = csvReader(table.sampleColumn, (line) => {
      if (++rows === row) found = line
    })
    return jsonLines(fs, table, reader).pipe(
      Stream.takeUntil(() => rows >= row),
      Stream.runDrain,
      Effect.mapError((error) => (error._tag === "Stop" ? error : unreadable(table.name, error))),
      Effect.map(() => found)
    )
  })

/**
 * Writes a table as JSON lines into a temporary file. The whole table is read, so a faulty record is found before
 * anything is created.
 */
export const fromCsv = (table: Table) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { name } = table
    const path = yield* fs.makeTempFileScoped({ prefix: "effect-evals-", suffix: ".jsonl" })
    const reader = csvReader(table.sampleColumn)
    yield* Stream.run(jsonLines(fs, table, reader), fs.sink(path))
    const columns = reader.columns()
    if (columns === undefined || reader.rows() === 0) {
      return yield* couldNotRun(
        `${name} has no rows: ${columns === undefined ? "it is empty, or each of its lines is blank" : "it has only its header"}.`
      )
    }
    return {
      path,
      lineOf: (row: number) => lineOf(fs, table, row),
      sampleAdvice:
        columns.sample === -1
          ? `Name a column sample.output_text, or use --sample-column; the columns are ${columns.names.join(", ")}`
          : undefined
    }
  }).pipe(Effect.mapError((error) => (error._tag === "Stop" ? error : unreadable(table.name, error))))
