/**
 * The samples of rows: a definition that samples a model needs none if each row has one, and a table may lack them.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { dataSourceType } from "../schema/dataSources/registry.ts"
import { parseJson } from "../schema/fields.ts"
import { criteriaSites } from "../internal/lint/templates.ts"
import type * as Run from "../schema/Run.ts"
import { parse as parseTemplate } from "../schema/template.ts"
import { field } from "../schema/finding.ts"
import type { Rows } from "./rows.ts"
import { unreadable } from "./source.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** A run, and a note for its author. */
export interface Prepared {
  readonly run: Run.CreateParams
  readonly note: string | undefined
}

// an invalid row is reported when the run is created
const lacksSample = (row: unknown): boolean => Predicate.isObject(row) && !Predicate.isObject(row["sample"])

/** Finds the first line without a sample, counted from 1. */
const unsampledLine = (rows: Rows): Effect.Effect<number | undefined, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    let line = 0
    const found = yield* fs.stream(rows.path).pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.filter((text) => {
        line++
        return text.trim() !== "" && lacksSample(parseJson(text.replace(/^\uFEFF/, "")))
      }),
      Stream.map(() => line),
      Stream.runHead,
      Effect.mapError((error) => unreadable(rows.name, error))
    )
    return Option.getOrUndefined(found)
  })

/**
 * Converts a run that samples a model to a run of type `jsonl`, if each row has a sample. Fails if a row has none, before
 * anything is created: the engine has no endpoint to sample from.
 */
export const asSampled = (
  run: Run.CreateParams,
  rows: Rows | undefined
): Effect.Effect<Prepared, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { data_source: dataSource } = run
    if (dataSourceType(dataSource.type)?.samplesModel !== true) return { run, note: undefined }
    const { source } = dataSource
    const name = field(dataSource, "model")
    const model = typeof name === "string" ? `the model ${name}` : "a model"
    const missing = (
      place: string,
      advice = 'Sample first, and put each answer into its row: {"item": …, "sample": {"output_text": "…"}}'
    ) =>
      couldNotRun(
        `${place} has no sample, and no endpoint is configured from which ${model} could be sampled. ${advice}.`
      )
    if (rows !== undefined) {
      const line = yield* unsampledLine(rows)
      if (line !== undefined) {
        return yield* missing(`Line ${yield* rows.lineOf(line)} of ${rows.name}`, rows.sampleAdvice)
      }
    } else if (source.type === "file_content") {
      const row = source.content.findIndex(lacksSample)
      if (row !== -1) return yield* missing(`run.data_source.source.content[${row}]`)
    } else {
      return { run, note: undefined }
    }
    if (source.type !== "file_content" && source.type !== "file_id") return { run, note: undefined }
    return {
      run: { ...run, data_source: { type: "jsonl", source } },
      note:
        `no row was sampled: each row has its sample, so the run is of type "jsonl". ` +
        `What the definition says of ${model} (run.data_source, type ${JSON.stringify(dataSource.type)}) is not used.`
    }
  })

/** Warns if criteria read samples, and the rows come from a table without a sample column. */
export const missingSamples = (
  criteria: ReadonlyArray<unknown>,
  run: Run.CreateParams,
  rows: Rows | undefined
): string | undefined => {
  if (rows?.sampleAdvice === undefined || run.data_source.type !== "jsonl") return undefined
  const read = criteriaSites(criteria, [])
    .flatMap(({ text }) => parseTemplate(text))
    .find((segment) => segment._tag === "Path" && segment.namespace === "sample")
  return read === undefined
    ? undefined
    : `${rows.name} has no sample column, and criteria read ${read.text}. ${rows.sampleAdvice}`
}
