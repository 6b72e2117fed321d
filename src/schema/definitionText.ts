/**
 * The canonical form of an eval's definition. Equal definitions have equal texts.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { CreateParams } from "./Eval.ts"
import { withoutNulls } from "./withoutNulls.ts"

/** Sorts the keys of all objects, and drops those without a value. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (!Predicate.isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, field]) => [name, ordered(field)])
  )
}

const strip = withoutNulls(CreateParams)

const isEmpty = (value: unknown): boolean => Predicate.isObject(value) && Object.keys(value).length === 0

const withoutDefaults = (params: unknown): unknown => {
  if (!Predicate.isObject(params)) return params
  const { data_source_config: config, metadata, ...rest } = params
  return {
    ...rest,
    ...(isEmpty(metadata) ? {} : { metadata }),
    data_source_config:
      Predicate.isObject(config) && config["include_sample_schema"] === false
        ? { ...config, include_sample_schema: undefined }
        : config
  }
}

/**
 * Returns the canonical text of a definition. All requests that create the same eval have the same text: its keys are
 * sorted, and nulls, defaults and empty metadata are left out.
 */
export const definitionText = (params: unknown): string => JSON.stringify(ordered(withoutDefaults(strip(params))))
