/**
 * Paths in a JSON Schema. This is not a validator: a field that the schema leaves open counts as possible.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import type { Key } from "../../schema/template.ts"
import { list, show } from "../../schema/finding.ts"

/** The declaration of one field or entry in a schema. */
type Outcome =
  | { readonly _tag: "Declared"; readonly schema: unknown; readonly names: ReadonlyArray<string> }
  /** The schema forbids the field. */
  | { readonly _tag: "Forbidden"; readonly because: string; readonly names: ReadonlyArray<string> }
  /** The schema allows any value. */
  | { readonly _tag: "Open"; readonly names: ReadonlyArray<string> }
  /** The schema declares other fields, and does not forbid this one. */
  | { readonly _tag: "Undeclared"; readonly names: ReadonlyArray<string> }
  /** The schema has no keyword for the field. */
  | { readonly _tag: "Silent"; readonly names: ReadonlyArray<string> }

const open: Outcome = { _tag: "Open", names: [] }
const silent: Outcome = { _tag: "Silent", names: [] }
const declared = (schema: unknown): Outcome => ({ _tag: "Declared", schema, names: [] })
const forbidden = (because: string, names: ReadonlyArray<string> = []): Outcome => ({
  _tag: "Forbidden",
  because,
  names
})

/** The first key of a path that the schema does not declare. */
export interface Dead {
  /** The number of keys before this key. */
  readonly depth: number
  /** Whether the schema forbids the key. If false, rows may have it undeclared. */
  readonly certain: boolean
  readonly because: string
  /** The keys that the schema declares in its place. */
  readonly names: ReadonlyArray<string>
}

interface Walk {
  readonly root: unknown
  readonly seen: ReadonlySet<unknown>
  /** The number of schemas that may still be visited. It bounds recursive schemas. */
  readonly fuel: { left: number }
}

/** Returns the types that a schema allows, and undefined if it has no `type`. */
export const typesOf = (schema: unknown): ReadonlyArray<unknown> | undefined => {
  const type = Predicate.isObject(schema) ? schema["type"] : undefined
  return type === undefined ? undefined : Array.isArray(type) ? type : [type]
}

/** Returns the target of a local `$ref`, and undefined if the schema lacks it. */
export const dereference = (root: unknown, ref: string): unknown => {
  if (ref === "#") return root
  if (!ref.startsWith("#/")) return undefined
  let target = root
  for (const part of ref.slice(2).split("/")) {
    // `%` is the escape of URLs, `~1` and `~0` are those of JSON pointers
    const name = Result.getOrElse(
      Result.try(() => decodeURIComponent(part)),
      () => part
    )
    const key = name.replaceAll("~1", "/").replaceAll("~0", "~")
    if ((!Predicate.isObject(target) && !Array.isArray(target)) || !Object.hasOwn(target, key)) return undefined
    target = Array.isArray(target) ? target[Number(key)] : target[key]
  }
  return target
}

const matches = (pattern: string, name: string): boolean | undefined => {
  try {
    return new RegExp(pattern, "u").test(name)
  } catch {
    return undefined
  }
}

const ofObject = (schema: { readonly [key: string]: unknown }, name: string): Outcome => {
  const properties = Predicate.isObject(schema["properties"]) ? schema["properties"] : undefined
  const patterns = Predicate.isObject(schema["patternProperties"]) ? schema["patternProperties"] : undefined
  if (properties !== undefined && Object.hasOwn(properties, name)) return declared(properties[name])
  for (const [pattern, value] of Object.entries(patterns ?? {})) {
    const match = matches(pattern, name)
    if (match !== false) return match ? declared(value) : open
  }
  const names = Object.keys(properties ?? {})
  const additional = schema["additionalProperties"] ?? schema["unevaluatedProperties"]
  if (additional === false) return forbidden("", names)
  if (additional === true) return { ...open, names }
  if (Predicate.isObject(additional)) return declared(additional)
  return properties === undefined && patterns === undefined ? silent : { _tag: "Undeclared", names }
}

const ofArray = (schema: { readonly [key: string]: unknown }, index: number): Outcome => {
  const { additionalItems, items, prefixItems } = schema
  const tuple = Array.isArray(prefixItems) ? prefixItems : Array.isArray(items) ? items : []
  if (index < tuple.length) return declared(tuple[index])
  const rest = Array.isArray(items) ? additionalItems : items
  return rest === false ? forbidden(`has ${tuple.length} entries`) : Predicate.isObject(rest) ? declared(rest) : silent
}

const declaredAs = (types: ReadonlyArray<unknown>): string => `is declared as ${types.map(show).join(" or ")}`

/** Returns the declaration by the keywords of one schema, without its subschemas. */
const own = (schema: { readonly [key: string]: unknown }, key: Key): Outcome => {
  const types = typesOf(schema)
  // a text may hold JSON, and a path may lead into it
  if (types?.includes("string")) return open
  const wanted = typeof key === "string" ? "object" : "array"
  if (types !== undefined && !types.includes(wanted)) {
    return forbidden(
      typeof key === "string" && types.includes("array")
        ? `${declaredAs(types)}, whose entries have an index: [0]`
        : `${declaredAs(types)}, not as ${show(wanted)}`
    )
  }
  return typeof key === "string" ? ofObject(schema, key) : ofArray(schema, key)
}

const rank = { Declared: 4, Forbidden: 3, Open: 2, Undeclared: 1, Silent: 0 } as const

const namesOf = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<string> => [
  ...new Set(outcomes.flatMap((outcome) => outcome.names))
]

const declaredBy = (outcomes: ReadonlyArray<Outcome>): ReadonlyArray<unknown> =>
  outcomes.flatMap((outcome) => (outcome._tag === "Declared" ? [outcome.schema] : []))

/** Combines the declarations of schemas that all apply (`allOf`). */
const every = (outcomes: ReadonlyArray<Outcome>): Outcome => {
  const schemas = declaredBy(outcomes)
  if (schemas.length > 0) {
    return declared(schemas.length === 1 ? schemas[0] : { allOf: schemas })
  }
  const strongest = outcomes.reduce((best, next) => (rank[next._tag] > rank[best._tag] ? next : best), silent)
  return { ...strongest, names: namesOf(outcomes) }
}

/** Combines the declarations of schemas of which one applies (`anyOf`, `oneOf`): the most permissive one counts. */
const some = (outcomes: ReadonlyArray<Outcome>): Outcome => {
  const schemas = declaredBy(outcomes)
  if (schemas.length > 0) {
    return declared(schemas.length === 1 ? schemas[0] : { anyOf: schemas })
  }
  const order = ["Open", "Silent", "Undeclared", "Forbidden"] as const
  const tag = order.find((tag) => outcomes.some((outcome) => outcome._tag === tag))
  const strongest = outcomes.find((outcome) => outcome._tag === tag) ?? silent
  return { ...strongest, names: namesOf(outcomes) }
}

// keywords that may add fields under conditions, which are not evaluated
const conditional = ["if", "then", "else", "dependentSchemas", "dependencies", "$dynamicRef", "$recursiveRef"]

const step = (schema: unknown, key: Key, walk: Walk): Outcome => {
  if (schema === false) return forbidden("")
  if (!Predicate.isObject(schema) || walk.seen.has(schema)) return silent
  if (walk.fuel.left-- <= 0) return open
  const inner: Walk = { ...walk, seen: new Set([...walk.seen, schema]) }
  const into = (part: unknown) => step(part, key, inner)
  const ref = schema["$ref"]
  const target = typeof ref === "string" ? dereference(walk.root, ref) : undefined
  return every([
    own(schema, key),
    ...(typeof ref === "string" ? [target === undefined ? open : into(target)] : []),
    ...list(schema["allOf"]).map(into),
    ...["anyOf", "oneOf"].flatMap((name) => {
      const members = list(schema[name])
      return members.length === 0 ? [] : [some(members.map(into))]
    }),
    ...(conditional.some((name) => Object.hasOwn(schema, name)) ? [open] : [])
  ])
}

/**
 * Follows keys through a schema: the root, or `from` inside the root. Returns the first key that is not declared, and
 * undefined if none is missing.
 */
export const follow = (root: unknown, keys: ReadonlyArray<Key>, from: unknown = root): Dead | undefined => {
  let schema = from
  for (const [depth, key] of keys.entries()) {
    const outcome = step(schema, key, { root, seen: new Set(), fuel: { left: 1000 } })
    switch (outcome._tag) {
      case "Declared":
        schema = outcome.schema
        break
      case "Forbidden":
        return { depth, certain: true, because: outcome.because, names: outcome.names }
      case "Undeclared":
        return { depth, certain: false, because: "", names: outcome.names }
      default:
        return undefined
    }
  }
  return undefined
}
