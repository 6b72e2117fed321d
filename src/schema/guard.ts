/**
 * Compiles a wire schema into a predicate over parsed JSON.
 *
 * A response is validated and then returned as it was parsed, so nothing needs
 * to be copied. `Schema.is` walks the same schema three times slower, and its
 * just-in-time compiler costs 7 KB and `new Function`, which many browsers' and
 * workers' policies forbid; composed closures need neither and are as fast.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

type Guard = (input: unknown) => boolean

/** Whether keys that a struct does not name are let through (what is read) or refused (what is written). */
type Mode = "open" | "closed"

const isRecord = (input: unknown): input is { readonly [key: string]: unknown } =>
  typeof input === "object" && input !== null && !Array.isArray(input)

const always: Guard = () => true

const passes = (check: SchemaAST.Check<unknown>, ast: SchemaAST.AST): Guard => {
  if (check._tag === "FilterGroup") {
    const guards = check.checks.map((inner) => passes(inner, ast))
    return (input) => guards.every((guard) => guard(input))
  }
  return (input) => check.run(input, ast, {}) === undefined
}

const withChecks = (base: Guard, ast: SchemaAST.AST): Guard => {
  const guards = ast.checks?.map((check) => passes(check, ast)) ?? []
  if (guards.length === 0) return base
  const [only, ...others] = guards
  return only !== undefined && others.length === 0
    ? (input) => base(input) && only(input)
    : (input) => base(input) && guards.every((guard) => guard(input))
}

const isKeepAll = (index: SchemaAST.IndexSignature): boolean =>
  SchemaAST.isString(index.parameter) && index.parameter.checks === undefined && SchemaAST.isUnknown(index.type)

const objects = (ast: SchemaAST.Objects, mode: Mode): Guard | undefined => {
  const indexes = ast.indexSignatures.filter((index) => !isKeepAll(index))
  if (indexes.some((index) => !SchemaAST.isString(index.parameter) || index.parameter.checks !== undefined)) {
    return undefined
  }
  if (ast.propertySignatures.some((property) => typeof property.name !== "string")) return undefined
  if (ast.propertySignatures.length === 0 && ast.indexSignatures.length === 0) return undefined
  const names = ast.propertySignatures.map((property) => String(property.name))
  const guards = ast.propertySignatures.map((property) => compile(property.type, mode))
  const optional = ast.propertySignatures.map((property) => SchemaAST.isOptional(property.type))
  const values = indexes.map((index) => compile(index.type, mode))
  const known = new Set(names)
  const closed = mode === "closed" && ast.indexSignatures.length === 0
  return (input) => {
    if (!isRecord(input)) return false
    for (let i = 0; i < names.length; i++) {
      const value = input[names[i] ?? ""]
      // JSON has no undefined: a field that reads as undefined is absent
      if (value === undefined ? optional[i] !== true : guards[i]?.(value) !== true) return false
    }
    if (closed || values.length > 0) {
      for (const key of Object.keys(input)) {
        if (!known.has(key) && (closed || !values.every((guard) => guard(input[key])))) return false
      }
    }
    return true
  }
}

const tagOf = (ast: SchemaAST.AST, key: string): string | undefined => {
  if (!SchemaAST.isObjects(ast)) return undefined
  const type = ast.propertySignatures.find((property) => property.name === key)?.type
  return type !== undefined &&
    SchemaAST.isLiteral(type) &&
    typeof type.literal === "string" &&
    !type.context?.isOptional
    ? type.literal
    : undefined
}

const union = (ast: SchemaAST.Union, mode: Mode): Guard => {
  const literals = ast.types.filter(SchemaAST.isLiteral).map((type) => type.literal)
  if (literals.length === ast.types.length && ast.types.length > 2) {
    const set = new Set<unknown>(literals)
    return (input) => set.has(input)
  }
  const tags = new Map<unknown, Guard>()
  const others: Array<Guard> = []
  for (const type of ast.types) {
    const tag = tagOf(type, "type")
    const guard = compile(type, mode)
    if (tag !== undefined && !tags.has(tag)) tags.set(tag, guard)
    else others.push(guard)
  }
  return (input) => {
    if (tags.size > 0 && isRecord(input)) {
      const tagged = tags.get(input["type"])
      if (tagged !== undefined && tagged(input)) return true
    }
    for (const guard of others) if (guard(input)) return true
    return false
  }
}

const base = (ast: SchemaAST.AST, mode: Mode): Guard | undefined => {
  switch (ast._tag) {
    case "Unknown":
    case "Any":
      return always
    case "String":
      return (input) => typeof input === "string"
    case "Number":
      return (input) => typeof input === "number"
    case "Boolean":
      return (input) => typeof input === "boolean"
    case "Null":
      return (input) => input === null
    case "Literal":
      return (input) => input === ast.literal
    case "Arrays": {
      const [item, ...more] = ast.rest
      if (ast.elements.length > 0 || item === undefined || more.length > 0) return undefined
      const guard = compile(item, mode)
      return (input) => {
        if (!Array.isArray(input)) return false
        for (let i = 0; i < input.length; i++) if (!guard(input[i])) return false
        return true
      }
    }
    case "Objects":
      return objects(ast, mode)
    case "Union":
      return ast.options?.mode === "oneOf" ? undefined : union(ast, mode)
    default:
      return undefined
  }
}

const compile = (ast: SchemaAST.AST, mode: Mode): Guard => {
  const guard = ast.encoding === undefined ? base(ast, mode) : undefined
  // whatever the wire does not use is left to Effect's own interpreter
  return guard === undefined ? Schema.is(Schema.make<Schema.Schema<unknown>>(ast)) : withChecks(guard, ast)
}

/**
 * The predicate of a schema without transformations, for values that
 * `JSON.parse` returned. In mode `closed` it also refuses keys that no struct
 * names.
 */
export const guard = <S extends Schema.Constraint>(
  schema: S,
  mode: Mode = "open"
): ((input: unknown) => input is S["Type"]) => {
  const accepts = compile(schema.ast, mode)
  return (input): input is S["Type"] => accepts(input)
}
