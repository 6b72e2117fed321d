/**
 * All data source types of the client. A new type is a file of this folder, and its line in each list below; the
 * compiler asks for what is missing.
 *
 * @internal
 */
import type { DataSourceType } from "./DataSourceType.ts"
import * as jsonl from "./jsonl.ts"
import * as completions from "./completions.ts"
import * as responses from "./responses.ts"

/** Request schemas of all data sources. */
export const sent = [jsonl.Param, completions.Param, responses.Param] as const

/** Response schemas of all data sources. */
export const read = [jsonl.Read, completions.Read, responses.Read] as const

const types: { readonly [Type in (typeof read)[number]["Type"]["type"]]: DataSourceType } = {
  jsonl,
  completions,
  responses
}

const isKnown = (type: unknown): type is keyof typeof types => typeof type === "string" && Object.hasOwn(types, type)

/** Returns the data source type of a name, and undefined if this version does not know it. */
export const dataSourceType = (type: unknown): DataSourceType | undefined => (isKnown(type) ? types[type] : undefined)
