/**
 * Reads fields of stored evals and runs. A stored text may come from a host, or from an older or newer version, so every
 * field is checked.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { at } from "../../schema/fields.ts"

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined)

const parse = (body: string): unknown => {
  const parsed: unknown = JSON.parse(body)
  return parsed
}

/** A criterion of an eval: the id of its results, and the stored grader. */
export interface Criterion {
  readonly id: string
  readonly grader: unknown
}

/** Returns the criteria of an eval. The id of a criterion without an own id is its name. */
export const criteriaOf = (evalBody: string): ReadonlyArray<Criterion> => {
  const criteria = at(parse(evalBody), "testing_criteria")
  return Array.isArray(criteria)
    ? criteria.map((grader: unknown, index) => ({
        id: text(at(grader, "id")) ?? text(at(grader, "name")) ?? `criterion-${index}`,
        grader
      }))
    : []
}

/** The requirements of an eval for the rows of its runs. */
export interface RowRules {
  /** The JSON Schema of `item` as text; undefined if any object is allowed. */
  readonly itemSchema: string | undefined
  /** Whether each row must have a sample. */
  readonly sampleRequired: boolean
}

// the schema of `item` may refer to definitions of the whole schema
const withDefinitions = (schema: unknown, item: unknown): unknown => {
  const shared = ["$schema", "$defs", "definitions"].flatMap((key) => {
    const value = at(schema, key)
    return value === undefined ? [] : [[key, value] as const]
  })
  return shared.length === 0 || !Predicate.isObject(item) ? item : { ...Object.fromEntries(shared), ...item }
}

/** Returns the requirements of an eval for the rows of its runs. */
export const rowRulesOf = (evalBody: string): RowRules => {
  const config = at(parse(evalBody), "data_source_config")
  const schema = at(config, "schema")
  const item = at(schema, "properties", "item") ?? at(config, "item_schema")
  const required = at(schema, "required")
  return {
    itemSchema: item === undefined ? undefined : JSON.stringify(withDefinitions(schema, item)),
    sampleRequired: at(config, "type") === "custom" && Array.isArray(required) && required.includes("sample")
  }
}

/** Returns the id of the file that a run reads its rows from. */
export const sourceFileOf = (runBody: string): string | undefined =>
  text(at(parse(runBody), "data_source", "source", "id"))

/** The data source of a run, as parsed JSON. */
export const dataSourceOf = (runBody: string): unknown => at(parse(runBody), "data_source")

/** Returns the data source of a run that samples, as JSON without rows. Returns undefined for a run whose rows have samples. */
export const sampledSourceOf = (runBody: string): string | undefined => {
  const source = dataSourceOf(runBody)
  const type = at(source, "type")
  return type === "completions" || type === "responses" ? JSON.stringify(source) : undefined
}
