/**
 * All types of data sources. A new type is a file of this folder, and one more entry of {@link dataSourceTypes}.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import { field } from "../../schema/finding.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"
import { completions } from "./completions.ts"
import type { DataSourceType } from "./DataSourceType.ts"
import { jsonl } from "./jsonl.ts"
import { responses } from "./responses.ts"

/** The types of data sources. */
export const dataSourceTypes: ReadonlyArray<DataSourceType> = [jsonl, completions, responses]

const quoted = (texts: ReadonlyArray<string>): string => texts.map((text) => JSON.stringify(text)).join(" and ")

const unsupported = (field: string, message: string): Result.Result<never, Rejection> =>
  Result.fail(invalid(`${field}: ${message}`, field, "unsupported_data_source"))

/** Returns the type of a data source, or the reason why it does not run. */
export const supported = (dataSource: DataSourceParam): Result.Result<DataSourceType, Rejection> => {
  const name = JSON.stringify(dataSource.type)
  const runs = `this engine ${dataSourceTypes.map((type) => `${type.does} (${JSON.stringify(type.type)})`).join(", ")}`
  const type = dataSourceTypes.find((each) => each.type === dataSource.type)
  if (type === undefined) return unsupported("data_source.type", `${runs}; it cannot run ${name} yet`)
  const { type: source } = dataSource.source
  if (!type.readsFrom.some((each) => each === source)) {
    return unsupported(
      "data_source.source.type",
      `rows of a ${name} data source are read from ${quoted(type.readsFrom)}; this engine cannot read ${JSON.stringify(source)} yet`
    )
  }
  const left = type.requires.find((each) => (field(dataSource, each) ?? undefined) === undefined)
  return left === undefined
    ? Result.succeed(type)
    : Result.fail(invalid(`data_source.${left}: missing; a ${name} data source requires it`, `data_source.${left}`))
}
