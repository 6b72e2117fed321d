/**
 * Data sources: the rows of a run, and where their samples come from.
 *
 * The rows of `jsonl` bring their samples. `completions` and `responses` ask a
 * model for the sample of each row.
 */
import * as Schema from "effect/Schema"
import { read, sent } from "./dataSources/registry.ts"
import { openUnion } from "./Wire.ts"

export { InputMessages, InputMessagesParam } from "./dataSources/sampled.ts"
export {
  FileContent,
  FileReference,
  Responses,
  Row,
  RowParam,
  Source,
  StoredCompletions
} from "./dataSources/source.ts"

/**
 * The data source of a run in a response. A type that this version does not know is kept.
 *
 * **Example** (Narrowing by type)
 *
 * ```ts
 * import type { DataSource } from "effect-evals"
 *
 * export const model = (dataSource: DataSource.DataSource): string | undefined =>
 *   dataSource.type === "completions" || dataSource.type === "responses"
 *     ? (dataSource.model ?? undefined)
 *     : undefined
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataSource = openUnion(read)
/**
 * The data source of a run in a response.
 *
 * @category models
 * @since 0.1.0
 */
export type DataSource = typeof DataSource.Type

/**
 * The data source of a run in a request.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataSourceParam = Schema.Union(sent).pipe(Schema.toTaggedUnion("type"))
/**
 * The data source of a run in a request.
 *
 * @category models
 * @since 0.1.0
 */
export type DataSourceParam = typeof DataSourceParam.Type
