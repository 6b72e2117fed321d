/**
 * The definition of an eval in one form, so that equal definitions are recognised.
 *
 * @internal
 */
import { CreateParams } from "./Eval.ts"
import { withoutNulls } from "./withoutNulls.ts"

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Puts the keys of all objects in order, and drops those without a value. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, field]) => [name, ordered(field)])
  )
}

const strip = withoutNulls(CreateParams)

const isEmpty = (value: unknown): boolean => isObject(value) && Object.keys(value).length === 0

const withoutDefaults = (params: unknown): unknown => {
  if (!isObject(params)) return params
  const { data_source_config: config, metadata, ...rest } = params
  return {
    ...rest,
    ...(isEmpty(metadata) ? {} : { metadata }),
    data_source_config:
      isObject(config) && config["include_sample_schema"] === false
        ? { ...config, include_sample_schema: undefined }
        : config
  }
}

/**
 * Returns the text that all bodies share which create the same eval: keys in order,
 * without nulls, defaults and empty metadata.
 */
export const definitionText = (params: unknown): string => JSON.stringify(ordered(withoutDefaults(strip(params))))
