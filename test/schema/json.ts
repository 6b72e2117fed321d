/**
 * Generators of JSON: any value, valid values of a schema, and valid values with something broken in them.
 */
import { Arbitrary, Schema, SchemaAST } from "effect"
import type { WireSchema } from "./catalog.ts"

const isObject = (value: unknown): value is { readonly [key: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What a value is once it has been a JSON text: `-0` is `0`, and objects are ordinary ones. */
export const throughText = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

// Once V8 has read a key that holds a backslash, it may take an escaped key of another object for it
// (nodejs/node#63785): with such keys a test would fail now and then, and JSON.parse would be to blame.
const withoutBackslashKeys = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(withoutBackslashKeys)
    : isObject(value)
      ? Object.fromEntries(
          Object.entries(value).map(([key, inner]) => [key.replaceAll("\\", "/"), withoutBackslashKeys(inner)])
        )
      : value

const arrived = (value: unknown): unknown => throughText(withoutBackslashKeys(value))

/** Any JSON value. */
export const anyJson: Arbitrary.Arbitrary<unknown> = Arbitrary.map(Arbitrary.schema(Schema.Json), arrived)

const dense = (ast: SchemaAST.AST): SchemaAST.AST => {
  if (SchemaAST.isObjects(ast)) {
    return new SchemaAST.Objects(
      // an optional field is required once its type stands inside a union of one member
      ast.propertySignatures.map(
        ({ name, type }) => new SchemaAST.PropertySignature(name, new SchemaAST.Union([dense(type)]))
      ),
      ast.indexSignatures,
      ast.annotations,
      ast.checks
    )
  }
  if (SchemaAST.isArrays(ast)) {
    return new SchemaAST.Arrays(ast.isMutable, ast.elements, ast.rest.map(dense), ast.annotations, ast.checks)
  }
  if (SchemaAST.isUnion(ast)) {
    const types = ast.types.filter((type) => !SchemaAST.isNull(type))
    return new SchemaAST.Union((types.length === 0 ? ast.types : types).map(dense), ast.options, ast.annotations)
  }
  return ast
}

/**
 * Valid values of a schema as they arrive, parsed from a text: half of them as the schema gives them, with few of
 * the optional fields, half with every field that may be there.
 */
export const valid = (schema: WireSchema): Arbitrary.Arbitrary<unknown> =>
  Arbitrary.map(
    Arbitrary.all([
      Arbitrary.schema(Schema.Boolean),
      Arbitrary.schema(schema),
      Arbitrary.schema(Schema.make<WireSchema>(dense(schema.ast)))
    ]),
    ([sparse, some, all]) => arrived(sparse ? some : all)
  )

const kinds = ["remove", "nullify", "replace", "retype", "duplicate", "rename"] as const

const Mutation = Schema.Struct({
  kind: Schema.Literals(kinds),
  /** Chooses among the places of the value, whatever their number. */
  place: Schema.Natural.check(Schema.isLessThan(100_000)),
  value: Schema.Json
})
type Mutation = typeof Mutation.Type

type Path = ReadonlyArray<string | number>

/** The paths of all fields and elements, at every depth. */
export const places = (value: unknown, path: Path = []): ReadonlyArray<Path> =>
  (Array.isArray(value)
    ? value.map((inner, index) => [index, inner] as const)
    : isObject(value)
      ? Object.entries(value)
      : []
  ).flatMap(([key, inner]) => [[...path, key], ...places(inner, [...path, key])])

// a scalar of another type than the one that stands there
const retyped = (value: unknown): unknown =>
  typeof value === "string" ? 17 : typeof value === "number" ? "17" : typeof value === "boolean" ? "true" : true

const inList = (list: ReadonlyArray<unknown>, index: number, { kind, value }: Mutation): ReadonlyArray<unknown> => {
  const before = list.slice(0, index)
  const after = list.slice(index + 1)
  switch (kind) {
    case "remove":
      return [...before, ...after]
    case "nullify":
      return [...before, null, ...after]
    case "replace":
      return [...before, value, ...after]
    case "retype":
      return [...before, retyped(list[index]), ...after]
    default:
      return [...before, list[index], list[index], ...after]
  }
}

const inObject = (object: { readonly [key: string]: unknown }, key: string, { kind, value }: Mutation): unknown => {
  const fields = Object.entries(object).flatMap(([name, inner]): ReadonlyArray<readonly [string, unknown]> => {
    if (name !== key) return [[name, inner]]
    switch (kind) {
      case "remove":
        return []
      case "nullify":
        return [[name, null]]
      case "replace":
        return [[name, value]]
      case "retype":
        return [[name, retyped(inner)]]
      case "duplicate":
        return [
          [name, inner],
          [`${name}_2`, inner]
        ]
      case "rename":
        return [[`${name}_2`, inner]]
    }
  })
  return Object.fromEntries(fields)
}

/** Changes what stands at a path and leaves the rest. */
const at = (value: unknown, path: Path, mutation: Mutation): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return mutation.value
  if (Array.isArray(value)) {
    const index = Number(key)
    return rest.length === 0
      ? inList(value, index, mutation)
      : value.map((inner, i) => (i === index ? at(inner, rest, mutation) : inner))
  }
  if (!isObject(value)) return value
  return rest.length === 0
    ? inObject(value, String(key), mutation)
    : Object.fromEntries(
        Object.entries(value).map(([name, inner]) => [name, name === key ? at(inner, rest, mutation) : inner])
      )
}

const mutate = (value: unknown, mutation: Mutation): unknown => {
  const all = places(value)
  return at(value, all[mutation.place % Math.max(1, all.length)] ?? [], mutation)
}

/** Valid values of a schema with one to three fields or elements removed, nullified, replaced, renamed or doubled. */
export const mutated = (schema: WireSchema): Arbitrary.Arbitrary<unknown> =>
  Arbitrary.map(
    Arbitrary.all([valid(schema), Arbitrary.array(Arbitrary.schema(Mutation), { minLength: 1, maxLength: 3 })]),
    ([value, mutations]) => arrived(mutations.reduce<unknown>(mutate, value))
  )

/** All three: valid, broken, and any. */
export const mixed = (schema: WireSchema) => ({ valid: valid(schema), mutated: mutated(schema), any: anyJson })
