/**
 * Checks a run before it is created: whether the engine can execute its data source and its criteria, and whether each
 * row is as the eval requires.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import * as Criteria from "../graders/Criteria.ts"
import { Models } from "../models/Models.ts"
import { headSize } from "../rows/FileKind.ts"
import { cut } from "../rows/formatValue.ts"
import { shapes } from "../rows/SampleMessages.ts"
import { bringsSamples } from "../sources/DataSourceType.ts"
import { open } from "../sources/open.ts"
import type { OpenRows } from "../sources/OpenRows.ts"
import { supported } from "../sources/registry.ts"
import * as EvalText from "../texts/EvalText.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"
import { unknownKeysKept, type Unread } from "../work/protocol.ts"
import type { InvalidItemSchema, InvalidRow, WorkerDied, WorkTimedOut } from "../work/workErrors.ts"
import { Workers } from "../work/Workers.ts"
import { checkModels, sampledModel } from "./modelCheck.ts"
import { notStarted, seconds } from "./shared.ts"
import { unaskableCriteria } from "./unaskableCriteria.ts"

/** The result of a check. */
export interface Checked {
  /** The number of rows. */
  readonly rows: number
  /**
   * The model of a run that samples. Otherwise the model that the samples name. It is empty if they name none, or several.
   * Samples with an error are ignored.
   */
  readonly model: string
  /** Keys of rows other than `item` and `sample`, which the engine ignores. At most {@link unknownKeysKept}. */
  readonly unknownKeys: ReadonlyArray<string>
  /** Warnings for the sender of the request. */
  readonly warnings: ReadonlyArray<string>
  /** Refuses the run if its rows were deleted since the check. */
  readonly still: OpenRows["still"]
}

const some = (values: ReadonlyArray<string>): string => values.map((value) => JSON.stringify(cut(value))).join(", ")

/** Says that the criteria read fields that the samples of some rows do not have. */
const unreadText = (place: string, { keys, rows }: Unread, names: ReadonlyArray<string>): string => {
  const which = rows === 1 ? place : `${place} (the first of ${rows} such rows)`
  const reads = `criteria read ${names.map((name) => `sample.${cut(name)}`).join(", ")}; a criterion without a value scores 0`
  return keys === undefined
    ? `${which} has no sample, and ${reads}`
    : `the sample of ${which} has no known shape: it has ${keys.length === 0 ? "no keys" : `the keys ${some(keys)}`}, and ${reads}. ` +
        `A sample has its answer in ${shapes}`
}

/** The most batches that are checked at the same time. */
const batchesAtOnce = 2

/** Returns the refusal for a batch that failed. `index` is the number of rows before it, `head` the first bytes of all rows. */
const refusal = (
  error: InvalidRow | InvalidItemSchema | WorkTimedOut | WorkerDied,
  rows: OpenRows,
  index: number,
  head: Uint8Array
): Rejection => {
  if (error._tag === "InvalidRow") {
    const row = { ...error, index: index + error.index }
    const kind = row.index === 0 && error.path === "" ? rows.wrongKind(head) : ""
    return invalid(`${rows.place(row)}: ${error.message}${kind}`, rows.param, "invalid_row")
  }
  if (error._tag === "WorkTimedOut" && error.line !== undefined) {
    return invalid(`${rows.lineOf(error.line)}: ${error.message}`, rows.param, "invalid_row")
  }
  if (error._tag === "InvalidItemSchema") {
    const message = `The item schema of the eval cannot be used here: ${error.message}.`
    return invalid(message, null, "unsupported_item_schema")
  }
  return (
    notStarted(error) ??
    invalid(
      `the rows from ${index} on could not be checked against the item schema: ${error.message}`,
      rows.param,
      "invalid_row"
    )
  )
}

/** Refuses a run with criteria by which this engine cannot judge, or with models that cannot be asked. */
export const checkExecutable = (
  criteria: ReadonlyArray<EvalText.Criterion>,
  dataSource: DataSourceParam
): Effect.Effect<void, Rejection> =>
  Effect.gen(function* () {
    const compiled = Criteria.compile(criteria)
    if (Result.isFailure(compiled)) {
      return yield* invalid(compiled.failure.message, "testing_criteria", "unsupported_grader")
    }
    yield* checkModels(dataSource)
    const [unaskable] = unaskableCriteria(yield* Models, compiled.success.models)
    if (unaskable !== undefined) return yield* invalid(unaskable.message, "testing_criteria", unaskable.code)
  })

/** Refuses a run that this engine cannot execute. `inline` holds the rows of the request, one a line. */
export const check = (
  project: number,
  evalBody: string,
  dataSource: DataSourceParam,
  inline: Uint8Array | undefined
): Effect.Effect<Checked, Rejection | SqlError, SqlClient.SqlClient | Workers> =>
  Effect.gen(function* () {
    const workers = yield* Workers
    const type = yield* Effect.fromResult(supported(dataSource))
    const rows = yield* open({ project, dataSource, inline, now: yield* seconds })
    const criteria = EvalText.criteriaOf(evalBody)
    yield* checkExecutable(criteria, dataSource)
    const { itemSchema, sampleRequired } = EvalText.rowRulesOf(evalBody)
    const withSamples = bringsSamples(type)
    const rules = {
      schemaText: itemSchema,
      // public scripts ask for the schema of samples and send rows without one
      sampleRequired: withSamples && sampleRequired && Criteria.readsSample(criteria),
      sampleNames: withSamples ? Criteria.sampleNames(criteria) : []
    }
    const models = new Set<string>()
    const unknownKeys = new Set<string>()
    let unread: Unread | undefined
    let index = 0
    let head: Uint8Array = new Uint8Array(0)
    yield* rows.batches.pipe(
      Stream.mapEffect(
        ({ bytes, line }) => {
          if (line === 1) head = bytes.subarray(0, headSize)
          return Effect.result(workers.validateRows({ ...rules, rows: bytes, firstLine: line }))
        },
        { concurrency: batchesAtOnce }
      ),
      Stream.runForEach((result) => {
        if (Result.isFailure(result)) return Effect.fail(refusal(result.failure, rows, index, head))
        const valid = result.success
        if (valid.unread !== undefined) {
          const known = unread ?? { ...valid.unread, row: index + valid.unread.row, rows: 0 }
          unread = { ...known, rows: known.rows + valid.unread.rows }
        }
        index += valid.rows
        for (const model of valid.models) if (models.size < 2) models.add(model)
        for (const key of valid.unknownKeys) if (unknownKeys.size < unknownKeysKept) unknownKeys.add(key)
        return Effect.void
      })
    )
    if (index === 0) return yield* invalid(`the data source has no rows${rows.whyEmpty}`, rows.param, "no_rows")
    const [model = ""] = models
    return {
      rows: index,
      model: withSamples ? (models.size === 1 ? model : "") : sampledModel(dataSource),
      unknownKeys: [...unknownKeys],
      warnings:
        unread === undefined
          ? []
          : [unreadText(rows.place({ index: unread.row, line: unread.line, path: "" }), unread, rules.sampleNames)],
      still: rows.still
    }
  })
