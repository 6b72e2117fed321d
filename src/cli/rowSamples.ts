/**
 * The samples of rows: a definition that samples a model needs none if each row has one, and a table may lack them.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Models } from "../engine/models/Models.ts"
import { dataSourceType } from "../schema/dataSources/registry.ts"
import { parseJson } from "../schema/fields.ts"
import { criteriaSites } from "../internal/lint/templates.ts"
import type * as Run from "../schema/Run.ts"
import { parse as parseTemplate } from "../schema/template.ts"
import { field } from "../schema/finding.ts"
import type { Rows } from "./rows.ts"
import { unreadable } from "./source.ts"
import type { Stop } from "./Stop.ts"

/** A run, and a note for its author. */
export interface Prepared {
  readonly run: Run.CreateParams
  readonly note: string | undefined
}

const unchanged = (run: Run.CreateParams): Prepared => ({ run, note: undefined })

// an invalid row is reported when the run is created
const lacksSample = (row: unknown): boolean => Predicate.isObject(row) && !Predicate.isObject(row["sample"])

const isUnsampled = (rows: Rows): Effect.Effect<boolean, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const found = yield* fs.stream(rows.path).pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.filter((text) => text.trim() !== "" && lacksSample(parseJson(text.replace(/^\uFEFF/, "")))),
      Stream.runHead,
      Effect.mapError((error) => unreadable(rows.name, error))
    )
    return Option.isSome(found)
  })

/** The model that a run samples; undefined if its rows have their samples. */
export const sampledModel = ({ data_source: dataSource }: Run.CreateParams): string | undefined => {
  if (dataSourceType(dataSource.type)?.samplesModel !== true) return undefined
  const name = field(dataSource, "model")
  return typeof name === "string" ? name : ""
}

/**
 * Converts a run that samples a model without an endpoint to a run of type `jsonl`, if each row has a sample. Otherwise
 * the engine refuses the run, and says how to name an endpoint.
 */
const asSampled = (
  run: Run.CreateParams,
  rows: Rows | undefined
): Effect.Effect<Prepared, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { data_source: dataSource } = run
    const model = sampledModel(run)
    const { source } = dataSource
    if (model === undefined || (source.type !== "file_content" && source.type !== "file_id")) return unchanged(run)
    if (rows !== undefined) {
      if (yield* isUnsampled(rows)) return unchanged(run)
    } else if (source.type === "file_id" || source.content.some(lacksSample)) {
      return unchanged(run)
    }
    return {
      run: { ...run, data_source: { type: "jsonl", source } },
      note:
        `no row is sampled: each row has its sample, and there is no endpoint for ${model === "" ? "the model" : `the model ${model}`}. ` +
        `The run is of type "jsonl", without what the definition says of the model (run.data_source, type ` +
        `${JSON.stringify(dataSource.type)}).`
    }
  })

/** Prepares a run for the engine in process, with the models of the context. */
export const prepared = (
  run: Run.CreateParams,
  rows: Rows | undefined
): Effect.Effect<Prepared, Stop, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const model = sampledModel(run)
    return model === undefined || (yield* Models).find(model) !== undefined
      ? unchanged(run)
      : yield* asSampled(run, rows)
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
