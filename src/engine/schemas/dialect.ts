/**
 * Item schemas as people have them: dialects, and habits that ajv does not take.
 *
 * @internal
 */
import { isObject } from "../rows/JsonText.ts"
import { step } from "../rows/formatValue.ts"

/** A dialect that schemas are checked as. */
export type Dialect = "2020-12" | "2019-09" | "draft-07"

/** A schema that is ready to be compiled. */
export interface Tidied {
  readonly dialect: Dialect
  readonly schema: Schema | boolean
  /** What `$ref`s refer to, each with the place where it stands first. */
  readonly references: ReadonlyMap<string, string>
  /** Regular expressions, each with the place where it stands first. */
  readonly patterns: ReadonlyMap<string, string>
}

/** A schema that is no boolean. */
export type Schema = { [key: string]: unknown }

/** What a schema as a whole is called in paths. */
export const root = "item_schema"

const named = /^https?:\/\/json-schema\.org\/(?:draft\/(\d{4}-\d{2})|draft-0(\d))\/schema#?$/

/**
 * The dialect that `$schema` names. Drafts 4 and 6 are read as draft 7, which
 * takes what they say; without a name, or with one that is not known, it is
 * 2020-12, the newest.
 */
const dialectOf = (name: unknown): Dialect => {
  const [, year, draft] = (typeof name === "string" ? named.exec(name) : null) ?? []
  return draft !== undefined ? "draft-07" : year === "2019-09" ? "2019-09" : "2020-12"
}

/** Keywords whose value has schemas by name. */
const byName = new Set(["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"])

/** Keywords whose value is data. */
const data = new Set(["const", "enum", "default", "examples", "example", "required", "dependentRequired"])

/** Whether a value of JSON can be a schema that is no boolean. */
export const isSchema = (value: unknown): value is Schema => isObject(value)

/** Changes one schema of a whole in place: not those inside of it. */
const tidyOne = (schema: Schema, dialect: Dialect): void => {
  // names of draft 4 and of OpenAPI documents; ajv refuses to read a schema with one
  if (typeof schema["id"] === "string") delete schema["id"]
  // to ajv alone it means something: that the answer is a promise
  if (typeof schema["$async"] === "boolean") delete schema["$async"]
  // OpenAPI 3.0: it says something beside a type only, and ajv refuses it elsewhere
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
  // tuples as all dialects before 2020-12 write them, in schemas that do not say which they are of
  if (dialect === "2020-12" && Array.isArray(schema["items"])) {
    schema["prefixItems"] = schema["items"]
    delete schema["items"]
    if (schema["additionalItems"] !== undefined) schema["items"] = schema["additionalItems"]
  }
}

/** Changes what `JSON.parse` returned in place, so that ajv reads it as it is meant. */
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
    // a name that nothing refers to: whatever it looks like, it does no harm
    if ([...references.keys()].every((reference) => reference.startsWith("#"))) delete schema["$id"]
  }
  return { dialect, schema, references, patterns }
}
