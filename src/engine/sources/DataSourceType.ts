/**
 * The engine's half of a data source type. Each type has a file in this folder. The client's half has the schemas.
 *
 * @internal
 */
import type { DataSourceParam } from "../../schema/DataSource.ts"

/** Things outside of the engine that a data source may need. */
export const needs = {
  model: {
    /** Follows "cannot" in a message. */
    verb: "sample a model",
    advice: 'Sample first, and put each answer in its row as "sample".'
  }
} as const
/** The name of such a thing. */
export type Need = keyof typeof needs

/** A type of data source. */
export interface DataSourceType {
  readonly type: DataSourceParam["type"]
  /** Follows "this engine" in a message. */
  readonly does: string
  /** The types of `source` that its rows are read from. */
  readonly readsFrom: ReadonlyArray<"file_content" | "file_id">
  /** Fields that a request must have, though the schema makes them optional. */
  readonly requires: ReadonlyArray<string>
  readonly needs: ReadonlyArray<Need>
}

/** Whether the rows bring their samples. If not, a model is asked for each. */
export const bringsSamples = (type: DataSourceType): boolean => !type.needs.includes("model")
