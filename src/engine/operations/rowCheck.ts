/**
 * Looks at a run before it is created: whether its criteria and its data source
 * can be executed here, and whether every row is what the eval asks for.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type * as DataSourceSchema from "../../schema/DataSource.ts"
import * as Files from "../../store/Files.ts"
import * as Criteria from "../graders/Criteria.ts"
import * as EvalText from "../texts/EvalText.ts"
import { fileKind, headSize } from "../rows/FileKind.ts"
import * as Lines from "../rows/Lines.ts"
import { invalid, notFound, type Rejection } from "../texts/Rejection.ts"
import { shapes } from "../rows/SampleMessages.ts"
import { unknownKeysKept, type Unread } from "../work/protocol.ts"
import { cut } from "../rows/formatValue.ts"
import type { InvalidRow } from "../work/workErrors.ts"
import { Workers } from "../work/Workers.ts"
import { notStarted, seconds } from "./shared.ts"

/** The data source of a run, as it is given back. */
export type DataSource = DataSourceSchema.DataSourceParam

/** What was learned of the rows. */
export interface Checked {
  /** The number of rows. */
  readonly rows: number
  /** The model that all samples with a model agree on, or an empty string; samples that could not be taken do not count. */
  readonly model: string
  /** Keys of rows besides `item` and `sample`, which nothing reads; some at the most. */
  readonly unknownKeys: ReadonlyArray<string>
  /** Other things that the sender should know, for a reader. */
  readonly warnings: ReadonlyArray<string>
}

const some = (values: ReadonlyArray<string>): string => values.map((value) => JSON.stringify(cut(value))).join(", ")

/** Says that the samples of rows have nothing that the criteria read. */
const unreadText = (place: string, { keys, rows }: Unread, names: ReadonlyArray<string>): string => {
  const which = rows === 1 ? place : `${place} (the first of ${rows} such rows)`
  const reads = `criteria read ${names.map((name) => `sample.${cut(name)}`).join(", ")}; a criterion without a value scores 0`
  return keys === undefined
    ? `${which} has no sample, and ${reads}`
    : `the sample of ${which} has no known shape: it has ${keys.length === 0 ? "no keys" : `the keys ${some(keys)}`}, and ${reads}. ` +
        `A sample has its answer in ${shapes}`
}

const linesAtOnce = 1000

/** How many batches of rows are looked at at a time. */
const batchesAtOnce = 2

// inline rows come as one text; they are looked at in parts like those of a file
const parts = (bytes: Uint8Array): ReadonlyArray<Pick<Lines.Lines, "bytes" | "lines" | "line">> => {
  const found: Array<Pick<Lines.Lines, "bytes" | "lines" | "line">> = []
  for (let start = 0, line = 1; start < bytes.length;) {
    let lines = 0
    let end = start - 1
    while (lines < linesAtOnce && end < bytes.length) {
      const next = bytes.indexOf(0x0a, end + 1)
      end = next === -1 ? bytes.length : next
      lines++
    }
    found.push({ bytes: bytes.subarray(start, end), lines, line })
    start = end + 1
    line += lines
  }
  return found
}

const noFile = (id: string): Rejection => {
  const { code, message } = notFound("file", id)
  return invalid(`data_source.source.id: ${message}`, "data_source.source.id", code)
}

/** Refuses a run whose file has gone since its rows were looked at; one whose time is over meanwhile is read all the same. */
export const still = (
  project: number,
  dataSource: DataSource
): Effect.Effect<void, Rejection | SqlError, SqlClient.SqlClient> => {
  if (dataSource.type !== "jsonl" || dataSource.source.type !== "file_id") return Effect.void
  const { id } = dataSource.source
  return Effect.flatMap(Files.findAny(project, id), (found) =>
    found === undefined ? Effect.fail(noFile(id)) : Effect.void
  )
}

const source = (
  project: number,
  dataSource: DataSource,
  rows: Uint8Array | undefined
): Effect.Effect<
  {
    readonly batches: Stream.Stream<
      Pick<Lines.Lines, "bytes" | "lines" | "line">,
      Rejection | SqlError,
      SqlClient.SqlClient
    >
    readonly param: string
    readonly place: (row: Pick<InvalidRow, "index" | "line" | "path">) => string
    /** Where a line is. */
    readonly lineOf: (line: number) => string
  },
  Rejection | SqlError,
  SqlClient.SqlClient
> =>
  Effect.gen(function* () {
    if (dataSource.type !== "jsonl") {
      return yield* invalid(
        `data_source.type: this engine grades rows that are complete ("jsonl"); it cannot sample a model yet, which ` +
          `${JSON.stringify(dataSource.type)} asks for. Sample first, and put each answer in its row as "sample".`,
        "data_source.type",
        "unsupported_data_source"
      )
    }
    if (dataSource.source.type === "file_content") {
      return {
        batches: Stream.fromIterable(parts(rows ?? new Uint8Array(0))),
        param: "data_source.source.content",
        place: ({ index, path }) =>
          `data_source.source.content[${index}]${path === "" ? "" : path.startsWith("[") ? path : `.${path}`}`,
        lineOf: (line: number) => `data_source.source.content[${line - 1}]`
      }
    }
    const { id } = dataSource.source
    // before the file is looked for: pieces go after it, so the size of one that is there then is its whole size
    const size = yield* Files.size(project, id)
    const file = yield* Files.find(project, id, yield* seconds)
    if (file === undefined) return yield* noFile(id)
    if (file.contentSha256 === null) {
      return yield* invalid(
        `data_source.source.id: the archive knows of ${id}, but does not hold its content; upload the file anew`,
        "data_source.source.id"
      )
    }
    return {
      batches: Stream.catchTags(
        Lines.read({ project, fileId: id, size, from: { byte: 0, line: 1 }, linesAtOnce: () => linesAtOnce }),
        {
          Gone: () => Stream.fail(noFile(id)),
          TooLong: ({ message }) => Stream.fail(invalid(message, "data_source.source.id", "invalid_row"))
        }
      ),
      param: "data_source.source.id",
      place: ({ index, line, path }) =>
        `line ${line} of ${id} (row ${index}, counted from 0)${path === "" ? "" : `, ${path}`}`,
      lineOf: (line: number) => `line ${line} of ${id}`
    }
  })

/** Refuses a run that cannot be executed. */
export const check = (
  project: number,
  evalBody: string,
  dataSource: DataSource,
  rows: Uint8Array | undefined
): Effect.Effect<Checked, Rejection | SqlError, SqlClient.SqlClient | Workers> =>
  Effect.gen(function* () {
    const workers = yield* Workers
    const { batches, lineOf, param, place } = yield* source(project, dataSource, rows)
    const criteria = EvalText.criteriaOf(evalBody)
    const compiled = Criteria.compile(criteria)
    if (Result.isFailure(compiled)) {
      return yield* invalid(compiled.failure.message, "testing_criteria", "unsupported_grader")
    }
    const rules = EvalText.rowRulesOf(evalBody)
    const itemSchema = rules.itemSchema
    // public scripts ask for the schema of samples and send rows without one
    const sampleRequired = rules.sampleRequired && Criteria.readsSample(criteria)
    const models = new Set<string>()
    const unknownKeys = new Set<string>()
    const sampleNames = Criteria.sampleNames(criteria)
    let unread: Unread | undefined
    let index = 0
    // what the file begins with
    let first: Uint8Array = new Uint8Array(0)
    yield* Stream.runForEach(
      Stream.mapEffect(
        batches,
        ({ bytes, line }) => {
          if (line === 1) first = bytes.subarray(0, headSize)
          return Effect.result(
            workers.validateRows({ schemaText: itemSchema, sampleRequired, sampleNames, rows: bytes, firstLine: line })
          )
        },
        { concurrency: batchesAtOnce }
      ),
      (result) =>
        Effect.gen(function* () {
          if (Result.isSuccess(result)) {
            const more = result.success.unread
            if (more !== undefined) {
              const known = unread ?? { ...more, row: index + more.row, rows: 0 }
              unread = { ...known, rows: known.rows + more.rows }
            }
            index += result.success.rows
            for (const model of result.success.models) if (models.size < 2) models.add(model)
            for (const key of result.success.unknownKeys) if (unknownKeys.size < unknownKeysKept) unknownKeys.add(key)
            return
          }
          const error = result.failure
          if (error._tag === "InvalidRow") {
            const row = { ...error, index: index + error.index }
            const kind =
              dataSource.source.type === "file_id" && row.index === 0 && error.path === "" ? fileKind(first) : undefined
            const of = kind === undefined ? "" : `; the file ${kind.words}`
            return yield* invalid(`${place(row)}: ${error.message}${of}`, param, "invalid_row")
          }
          if (error._tag === "WorkTimedOut" && error.line !== undefined) {
            return yield* invalid(`${lineOf(error.line)}: ${error.message}`, param, "invalid_row")
          }
          if (error._tag === "InvalidItemSchema") {
            const message = `The item schema of the eval cannot be used here: ${error.message}.`
            return yield* invalid(message, null, "unsupported_item_schema")
          }
          return yield* (
            notStarted(error) ??
              invalid(
                `the rows from ${index} on could not be checked against the item schema: ${error.message}`,
                param,
                "invalid_row"
              )
          )
        })
    )
    if (index === 0) {
      const file =
        dataSource.type === "jsonl" && dataSource.source.type === "file_id"
          ? `: ${dataSource.source.id} is empty, or each of its lines is blank`
          : ""
      return yield* invalid(`the data source has no rows${file}`, param, "no_rows")
    }
    const [model = ""] = models
    return {
      rows: index,
      model: models.size === 1 ? model : "",
      unknownKeys: [...unknownKeys],
      warnings:
        unread === undefined
          ? []
          : [unreadText(place({ index: unread.row, line: unread.line, path: "" }), unread, sampleNames)]
    }
  })
