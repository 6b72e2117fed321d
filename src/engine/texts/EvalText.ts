/**
 * Reads what the engine needs of stored evals and runs. Their texts may be a
 * host's own, older or newer than this version, so nothing is taken for granted.
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

/** A criterion of an eval: the id that its results have, and the grader as it is stored. */
export interface Criterion {
  readonly id: string
  readonly grader: unknown
}

/** The criteria of an eval. One without an id of its own is known by its name. */
export const criteriaOf = (evalBody: string): ReadonlyArray<Criterion> => {
  const criteria = at(parse(evalBody), "testing_criteria")
  return Array.isArray(criteria)
    ? criteria.map((grader: unknown, index) => ({
        id: text(at(grader, "id")) ?? text(at(grader, "name")) ?? `criterion-${index}`,
        grader
      }))
    : []
}

/** What an eval asks of the rows of its runs. */
export interface RowRules {
  /** The JSON Schema of `item` as text, or undefined where any object is one. */
  readonly itemSchema: string | undefined
  /** Whether each row brings its sample. */
  readonly sampleRequired: boolean
}

// a schema below another one may refer to definitions of the whole
const withDefinitions = (schema: unknown, item: unknown): unknown => {
  const shared = ["$schema", "$defs", "definitions"].flatMap((key) => {
    const value = at(schema, key)
    return value === undefined ? [] : [[key, value] as const]
  })
  return shared.length === 0 || !Predicate.isObject(item) ? item : { ...Object.fromEntries(shared), ...item }
}

/** What an eval asks of the rows of its runs. */
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

/** The file that a run reads its rows from. */
export const sourceFileOf = (runBody: string): string | undefined =>
  text(at(parse(runBody), "data_source", "source", "id"))

/** The data source of a run that samples, as JSON without rows; undefined for a run whose rows bring their samples. */
export const sampledSourceOf = (runBody: string): string | undefined => {
  const source = at(parse(runBody), "data_source")
  const type = at(source, "type")
  return type === "completions" || type === "responses" ? JSON.stringify(source) : undefined
}
