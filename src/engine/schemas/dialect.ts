/**
 * Prepares item schemas for ajv: finds the dialect, and rewrites common deviations that ajv refuses.
 *
 * @internal
 */
import { isObject } from "../rows/JsonText.ts"
import { step } from "../rows/formatValue.ts"

/** A dialect of JSON Schema. */
export type Dialect = "2020-12" | "2019-09" | "draft-07"

/** A schema that ajv can compile. */
export interface Tidied {
  readonly dialect: Dialect
  readonly schema: Schema | boolean
  /** The targets of `$ref`, each with the path of its first use. */
  readonly references: ReadonlyMap<string, string>
  /** Regular expressions, each with the path of its first use. */
  readonly patterns: ReadonlyMap<string, string>
}

/** A schema that is an object. */
export type Schema = { [key: string]: unknown }

/** The name of the whole schema in paths. */
export const root = "item_schema"

const named = /^https?:\/\/json-schema\.org\/(?:draft\/(\d{4}-\d{2})|draft-0(\d))\/schema#?$/

/**
 * Returns the dialect that `$schema` names. Drafts 4 and 6 are read as draft 7, which includes them. Without a known name
 * the dialect is 2020-12, the newest.
 */
const dialectOf = (name: unknown): Dialect => {
  const [, year, draft] = (typeof name === "string" ? named.exec(name) : null) ?? []
  return draft !== undefined ? "draft-07" : year === "2019-09" ? "2019-09" : "2020-12"
}

/** Keywords whose value is a record of schemas. */
const byName = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"])

/** Keywords whose value is data. */
const data = new Set(["const", "enum", "default", "examples", "example", "required", "dependentRequired"])

/** Whether a value of JSON can be a schema that is an object. */
export const isSchema = (value: unknown): value is Schema => isObject(value)

/** Rewrites one schema in place, without the schemas inside it. */
const tidyOne = (schema: Schema, dialect: Dialect): void => {
  // names of draft 4 and of OpenAPI documents; ajv refuses to read a schema with one
  if (typeof schema["id"] === "string") delete schema["id"]
  // ajv alone gives it a meaning: the result is a promise
  if (typeof schema["$async"] === "boolean") delete schema["$async"]
  // OpenAPI 3.0: it has a meaning beside `type` only, and ajv refuses it elsewhere
  const { type } = schema
  const types: ReadonlyArray<unknown> = Array.isArray(type) ? type : [type]
  if (typeof schema["nullable"] === "boolean" && (type === undefined || types.includes("null"))) {
    delete schema["nullable"]
  }
  // draft 4 and OpenAPI 3.0 have booleans here
  for (const [exclusive, inclusive] of [
    ["exclusiveMinimum", "minimum"],
    ["exclusiveMaximum", "maximum"]
  ] as const) {
    const value = schema[exclusive]
    if (typeof value !== "boolean") continue
    delete schema[exclusive]
    if (!value || schema[inclusive] === undefined) continue
    schema[exclusive] = schema[inclusive]
    delete schema[inclusive]
  }
  // tuples in the form of dialects before 2020-12, in schemas without `$schema`
  if (dialect === "2020-12" && Array.isArray(schema["items"])) {
    schema["prefixItems"] = schema["items"]
    delete schema["items"]
    if (schema["additionalItems"] !== undefined) schema["items"] = schema["additionalItems"]
  }
}

/** Rewrites a parsed schema in place, so that ajv reads it as its author means it. */
export const tidy = (schema: Schema | boolean): Tidied => {
  const references = new Map<string, string>()
  const patterns = new Map<string, string>()
  const dialect = dialectOf(isSchema(schema) ? schema["$schema"] : undefined)
  const visit = (value: unknown, path: string): void => {
    if (Array.isArray(value)) {
      for (const [index, inner] of value.entries()) visit(inner, path + step(index))
      return
    }
    if (!isSchema(value)) return
    tidyOne(value, dialect)
    for (const [key, inner] of Object.entries(value)) {
      const place = path + step(key)
      if (typeof inner === "string") {
        const found = key === "$ref" ? references : key === "pattern" ? patterns : undefined
        if (found?.has(inner) === false) found.set(inner, place)
      } else if (byName.has(key) && isSchema(inner)) {
        for (const [name, one] of Object.entries(inner)) {
          const there = place + step(name)
          if (key === "patternProperties" && !patterns.has(name)) patterns.set(name, there)
          visit(one, there)
        }
      } else if (!data.has(key)) visit(inner, place)
    }
  }
  visit(schema, root)
  if (isSchema(schema)) {
    delete schema["$schema"]
    // a name that nothing refers to is harmless, whatever its form
    if ([...references.keys()].every((reference) => reference.startsWith("#"))) delete schema["$id"]
  }
  return { dialect, schema, references, patterns }
}
