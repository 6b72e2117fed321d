/**
 * The engine's half of a data source type: one file of this folder for each type. The client's half has the schemas.
 *
 * @internal
 */
import type { DataSourceParam } from "../../schema/DataSource.ts"

/** What a data source may need from outside of the engine. */
export const needs = {
  model: {
    /** Follows "cannot" in a message. */
    verb: "sample a model",
    advice: 'Sample first, and put each answer in its row as "sample".'
  }
} as const
/** The name of something that a data source needs from outside of the engine. */
export type Need = keyof typeof needs

/** A type of data source. */
export interface DataSourceType {
  readonly type: DataSourceParam["type"]
  /** Follows "this engine" in a message. */
  readonly does: string
  /** The types of `source` that its rows are read from. */
  readonly readsFrom: ReadonlyArray<"file_content" | "file_id">
  /** The fields without which a request is refused, though the schema lets them be left out. */
  readonly requires: ReadonlyArray<string>
  readonly needs: ReadonlyArray<Need>
}

/** Whether the rows bring their samples. If not, a model is asked for each. */
export const bringsSamples = (type: DataSourceType): boolean => !type.needs.includes("model")
