/**
 * Describes one error of ajv, and finds the value that it is about.
 *
 * @internal
 */
import type { ErrorObject } from "ajv"
import { cut, listed, shown, step } from "../rows/formatValue.ts"

type Params = { readonly [key: string]: unknown }

/** A value and its path inside the validated value. */
export interface Place {
  readonly path: string
  readonly value: unknown
  /** The number of steps from the validated value. */
  readonly depth: number
}

/** Returns an own member of a value. */
export const own = (value: unknown, key: string): unknown =>
  typeof value === "object" && value !== null ? Object.getOwnPropertyDescriptor(value, key)?.value : undefined

/** Decodes a step of a JSON pointer. */
export const unescaped = (step: string): string => step.replaceAll("~1", "/").replaceAll("~0", "~")

/** Follows a JSON pointer. */
const locate = (pointer: string, whole: unknown, root: string): Place => {
  let path = root
  let value = whole
  const keys = pointer.split("/").slice(1)
  for (const escaped of keys) {
    const key = unescaped(escaped)
    path += step(Array.isArray(value) ? Number(key) : key)
    value = own(value, key)
  }
  return { path, value, depth: keys.length }
}

/** Returns a member of the value at a place. */
export const inside = ({ depth, path, value }: Place, key: unknown): Place => ({
  path: path + step(String(key)),
  value: own(value, String(key)),
  depth: depth + 1
})

const typeNames = new Map([
  ["string", "a string"],
  ["number", "a number"],
  ["integer", "a whole number"],
  ["boolean", "true or false"],
  ["array", "a list"],
  ["object", "an object"],
  ["null", "null"]
])

const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [value])

const typesOf = (types: unknown): ReadonlyArray<string> =>
  list(types).map((type) => typeNames.get(String(type)) ?? String(type))

/** Returns the types or values that `type`, `const` or `enum` allow. Returns undefined for other keywords. */
export const expected = (keyword: string, params: Params): ReadonlyArray<string> | undefined => {
  switch (keyword) {
    case "type":
      return typesOf(params["type"])
    case "const":
      return [shown(params["allowedValue"])]
    case "enum":
      return list(params["allowedValues"]).map(shown)
    default:
      return undefined
  }
}

/** Describes a value that is none of the allowed ones: `expected a number, got "abc"`. */
export const insteadOf = (alternatives: ReadonlyArray<string>, value: unknown): string =>
  `expected ${listed([...new Set(alternatives)])}, got ${shown(value)}`

const count = (value: unknown, one: string, many: string): string => `${String(value)} ${value === 1 ? one : many}`

const lengthOf = (value: unknown): number =>
  typeof value === "string"
    ? [...value].length
    : Array.isArray(value)
      ? value.length
      : typeof value === "object" && value !== null
        ? Object.keys(value).length
        : 0

/** Describes a violation of a keyword, with the value that violates it. */
export const describe = (keyword: string, params: Params, value: unknown): string => {
  const alternatives = expected(keyword, params)
  if (alternatives !== undefined) return insteadOf(alternatives, value)
  const { limit } = params
  switch (keyword) {
    case "required":
      return "is missing"
    case "dependentRequired":
    case "dependencies":
      return `is missing, which ${shown(params["property"])} asks for (${keyword})`
    case "additionalProperties":
    case "unevaluatedProperties":
      return `is not known to the schema (${keyword})`
    case "minimum":
    case "maximum":
    case "exclusiveMinimum":
    case "exclusiveMaximum":
      return `expected a number ${String(params["comparison"])} ${String(limit)}, got ${shown(value)}`
    case "multipleOf":
      return `expected a multiple of ${String(params["multipleOf"])}, got ${shown(value)}`
    case "minLength":
      return `expected at least ${count(limit, "character", "characters")}, got ${lengthOf(value)}`
    case "maxLength":
      return `expected at most ${count(limit, "character", "characters")}, got ${lengthOf(value)}`
    case "pattern":
      return `does not match the pattern ${cut(String(params["pattern"]))}, got ${shown(value)}`
    case "format":
      return `is not a valid ${cut(String(params["format"]))} (format), got ${shown(value)}`
    case "minItems":
      return `expected at least ${count(limit, "entry", "entries")}, got ${lengthOf(value)}`
    case "maxItems":
    case "items":
    case "additionalItems":
    case "unevaluatedItems":
      return `expected at most ${count(limit ?? params["len"], "entry", "entries")}, got ${lengthOf(value)} (${keyword})`
    case "minProperties":
      return `expected at least ${count(limit, "key", "keys")}, got ${lengthOf(value)}`
    case "maxProperties":
      return `expected at most ${count(limit, "key", "keys")}, got ${lengthOf(value)}`
    case "uniqueItems":
      return `the entries ${String(params["j"])} and ${String(params["i"])} are equal (uniqueItems)`
    case "contains": {
      const { maxContains, minContains } = params
      const range =
        maxContains === undefined
          ? `at least ${String(minContains)}`
          : `${String(minContains)} to ${String(maxContains)}`
      return `expected ${range} of the entries to match contains`
    }
    case "oneOf":
      return "fits more than one of the alternatives of oneOf"
    case "not":
      return `is excluded by the schema (not), got ${shown(value)}`
    case "false schema":
      return "is not allowed (its schema is false)"
    default:
      return `breaks the rule ${keyword}, got ${shown(value)}`
  }
}

/** Finds the value that an error is about. */
export const placeOf = ({ keyword, instancePath, params }: ErrorObject, whole: unknown, root: string): Place => {
  const place = locate(instancePath, whole, root)
  const key: unknown =
    keyword === "additionalProperties"
      ? params["additionalProperty"]
      : keyword === "unevaluatedProperties"
        ? params["unevaluatedProperty"]
        : params["missingProperty"]
  return key === undefined ? place : inside(place, key)
}
