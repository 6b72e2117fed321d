/**
 * Checks of an item schema, and of rows against the schema. They find frequent faults only, without a validator of JSON
 * Schema.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { error, field, type Finding, list, type Location, show, texts, warning } from "../../schema/finding.ts"
import { dereference, follow, typesOf } from "./jsonSchema.ts"
import { nearest } from "../../schema/nearest.ts"

type SchemaObject = { readonly [key: string]: unknown }

const typeNames: ReadonlyArray<unknown> = ["string", "number", "integer", "boolean", "object", "array", "null"]

const mapKeywords = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"]
const listKeywords = ["allOf", "anyOf", "oneOf", "prefixItems"]
const singleKeywords = [
  "items",
  "additionalItems",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "propertyNames",
  "contains",
  "not",
  "if",
  "then",
  "else"
]
const otherKeywords = [
  ..."type required enum const title description default examples deprecated readOnly writeOnly format id".split(" "),
  ..."minProperties maxProperties minItems maxItems uniqueItems minContains maxContains dependentRequired".split(" "),
  ..."dependencies minLength maxLength pattern minimum maximum exclusiveMinimum exclusiveMaximum".split(" "),
  ..."multipleOf contentEncoding contentMediaType contentSchema nullable strict".split(" ")
]
const keywords = new Set([...mapKeywords, ...listKeywords, ...singleKeywords, ...otherKeywords])

const isKeyword = (name: string): boolean => keywords.has(name) || name.startsWith("$") || name.startsWith("x-")

const isSchema = (value: unknown): boolean => Predicate.isObject(value) || typeof value === "boolean"

const quoteAll = (names: ReadonlyArray<unknown>): string => names.map(show).join(", ")

/** Returns fields in the place of keywords: the `properties` around them are missing. */
const misplaced = (schema: SchemaObject): ReadonlyArray<string> => {
  const names = Object.keys(schema)
  const foreign = names.filter((name) => !isKeyword(name))
  return Object.hasOwn(schema, "properties")
    ? []
    : foreign.length === names.length
      ? foreign
      : foreign.filter((name) => Predicate.isObject(schema[name]))
}

const types = (schema: SchemaObject, path: Location): ReadonlyArray<Finding> =>
  (typesOf(schema) ?? [])
    .filter((type) => !typeNames.includes(type))
    .map((type) =>
      error(
        "item-schema",
        [...path, "type"],
        `${show(type)} is no type of JSON Schema; write one of ${quoteAll(typeNames)}`
      )
    )

const properties = (schema: SchemaObject, path: Location): ReadonlyArray<Finding> => {
  const declared = schema["properties"]
  if (declared === undefined) return []
  if (!Predicate.isObject(declared)) {
    return [
      error("item-schema", [...path, "properties"], "must be an object that maps each field's name to its schema")
    ]
  }
  return Object.entries(declared)
    .filter(([, value]) => !isSchema(value))
    .map(([name, value]) =>
      error(
        "item-schema",
        [...path, "properties", name],
        `is no schema${typeNames.includes(value) ? `; write { "type": ${show(value)} }` : ""}`
      )
    )
}

const required = (schema: SchemaObject, path: Location, root: unknown): ReadonlyArray<Finding> => {
  const names = schema["required"]
  if (names === undefined) return []
  const at = [...path, "required"]
  if (!Array.isArray(names) || !names.every(Predicate.isString)) {
    return [error("item-schema", at, "must be a list of names, in the schema of the object that has these fields")]
  }
  return names.flatMap((name, index) => {
    // a subschema may declare a field that this schema requires
    const dead = follow(root, [name], schema)
    if (dead === undefined) return []
    const meant = nearest(name, dead.names)
    const mend =
      meant === undefined ? `declare ${JSON.stringify(name)} there` : `did you mean ${JSON.stringify(meant)}?`
    return dead.certain
      ? [
          error(
            "item-schema",
            [...at, index],
            `${JSON.stringify(name)} is required and not allowed, so no row fits; ${mend}`
          )
        ]
      : [
          warning(
            "item-schema",
            [...at, index],
            `${JSON.stringify(name)} is required, but not among \`properties\`; ${mend}`
          )
        ]
  })
}

const reference = (schema: SchemaObject, path: Location, root: unknown): ReadonlyArray<Finding> => {
  const ref = schema["$ref"]
  return typeof ref === "string" && ref.startsWith("#/") && dereference(root, ref) === undefined
    ? [error("item-schema", [...path, "$ref"], `${JSON.stringify(ref)} points to nothing in this schema`)]
    : []
}

interface Subschema {
  readonly path: Location
  readonly schema: SchemaObject
  /** Whether this schema alone describes its value. The members of `allOf`, for example, share one value. */
  readonly whole: boolean
}

const partial = new Set([...listKeywords, "dependentSchemas", "not", "if", "then", "else"])

const subschemas = (schema: SchemaObject, path: Location): ReadonlyArray<Subschema> =>
  [
    ...mapKeywords.flatMap((keyword) => {
      const map = schema[keyword]
      return Predicate.isObject(map) ? Object.entries(map).map(([name, value]) => [keyword, name, value] as const) : []
    }),
    ...[...listKeywords, "items"].flatMap((keyword) =>
      list(schema[keyword]).map((value, index) => [keyword, index, value] as const)
    ),
    ...singleKeywords.map((keyword) => [keyword, undefined, schema[keyword]] as const)
  ].flatMap(([keyword, key, value]) =>
    Predicate.isObject(value)
      ? [{ path: [...path, keyword, ...(key === undefined ? [] : [key])], schema: value, whole: !partial.has(keyword) }]
      : []
  )

// far longer than any written schema, and far shorter than the call stack
const longestPath = 200

const walk = ({ path, schema, whole }: Subschema, root: unknown, seen: Set<unknown>): ReadonlyArray<Finding> => {
  if (seen.has(schema) || path.length > longestPath) return []
  seen.add(schema)
  return [
    ...types(schema, path),
    ...properties(schema, path),
    ...(whole ? required(schema, path, root) : []),
    ...reference(schema, path, root),
    ...subschemas(schema, path).flatMap((inner) => walk(inner, root, seen))
  ]
}

/** Returns the finding for a schema that cannot describe items. Its fields are then not checked. */
const implausible = (schema: SchemaObject, path: Location): Finding | undefined => {
  const fields = misplaced(schema)
  if (fields.length > 0) {
    return error(
      "item-schema",
      path,
      `${quoteAll(fields)}: no keyword of JSON Schema; put the fields of a row under \`properties\`, ` +
        `{ "type": "object", "properties": { ${JSON.stringify(fields[0])}: … } }`
    )
  }
  const types = typesOf(schema)
  return types === undefined || types.includes("object")
    ? undefined
    : error("item-schema", [...path, "type"], `is ${quoteAll(types)}, but a row's item is an object; write "object"`)
}

/** Checks an item schema. Returns the findings, and whether paths can be checked against the schema (`usable`). */
export const checkItemSchema = (
  schema: unknown,
  path: Location
): { readonly findings: ReadonlyArray<Finding>; readonly usable: boolean } => {
  if (!Predicate.isObject(schema)) return { findings: [], usable: false }
  const problem = implausible(schema, path)
  return problem === undefined
    ? { findings: walk({ path, schema, whole: true }, schema, new Set()), usable: true }
    : { findings: [problem], usable: false }
}

const isOfType = (type: unknown, value: unknown): boolean => {
  switch (type) {
    case "null":
      return value === null
    case "array":
      return Array.isArray(value)
    case "object":
      return Predicate.isObject(value)
    case "integer":
      return Number.isInteger(value)
    case "string":
    case "number":
    case "boolean":
      return typeof value === type
    default:
      return true
  }
}

/** Checks inline rows: their required fields, and the types of the top-level fields that the schema declares. */
export const checkRows = (rows: unknown, schema: unknown, path: Location): ReadonlyArray<Finding> => {
  const names = texts(field(schema, "required"))
  const properties = field(schema, "properties")
  const declared = Predicate.isObject(properties) ? Object.entries(properties) : []
  return list(rows).flatMap((row, index) => {
    const item = field(row, "item")
    if (!Predicate.isObject(item)) return []
    const at = [...path, index, "item"]
    return [
      ...names
        .filter((name) => !Object.hasOwn(item, name))
        .map((name) => error("row-mismatch", at, `${JSON.stringify(name)} is missing, which item_schema requires`)),
      ...declared.flatMap(([name, property]) => {
        const types = typesOf(property)
        const value = field(item, name)
        return value === undefined || types === undefined || types.some((type) => isOfType(type, value))
          ? []
          : [
              error(
                "row-mismatch",
                [...at, name],
                `is ${show(value)}, where item_schema wants ${types.map(show).join(" or ")}`
              )
            ]
      })
    ]
  })
}
