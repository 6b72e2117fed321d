/**
 * Removal of nulls from requests. Clients send null for an argument without a value, so null means that the field is
 * left out.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

type Strip = (value: unknown) => unknown

const stripAll = (values: ReadonlyArray<unknown>, strip: Strip): ReadonlyArray<unknown> => {
  const stripped = values.map(strip)
  return stripped.some((value, index) => value !== values[index]) ? stripped : values
}

const ofObjects = (ast: SchemaAST.Objects): Strip | undefined => {
  const optional = new Set<string>()
  const inner = new Map<string, Strip>()
  for (const { name, type } of ast.propertySignatures) {
    if (SchemaAST.isOptional(type)) optional.add(String(name))
    const strip = compile(type)
    if (strip !== undefined) inner.set(String(name), strip)
  }
  const known = new Set(ast.propertySignatures.map(({ name }) => String(name)))
  const others = ast.indexSignatures.map(({ type }) => compile(type)).find((strip) => strip !== undefined)
  if (optional.size === 0 && inner.size === 0 && others === undefined) return undefined
  return (value) => {
    if (!Predicate.isObject(value)) return value
    let changed = false
    const entries: Array<readonly [string, unknown]> = []
    for (const [name, before] of Object.entries(value)) {
      if (before === null && optional.has(name)) {
        changed = true
        continue
      }
      const strip = known.has(name) ? inner.get(name) : others
      const after = strip === undefined ? before : strip(before)
      changed ||= after !== before
      entries.push([name, after])
    }
    return changed ? Object.fromEntries(entries) : value
  }
}

const tagsOf = (ast: SchemaAST.Objects): ReadonlyArray<SchemaAST.LiteralValue> => {
  const tag = ast.propertySignatures.find(({ name }) => name === "type")?.type
  if (tag === undefined) return []
  if (SchemaAST.isLiteral(tag)) return [tag.literal]
  return SchemaAST.isUnion(tag) ? tag.types.filter(SchemaAST.isLiteral).map(({ literal }) => literal) : []
}

const membersOf = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isUnion(ast) ? ast.types.flatMap(membersOf) : [ast]

const ofUnion = (ast: SchemaAST.Union): Strip | undefined => {
  const tagged = new Map<unknown, Strip | undefined>()
  let untagged: Strip | undefined
  let list: Strip | undefined
  for (const type of membersOf(ast)) {
    const strip = compile(type)
    if (SchemaAST.isArrays(type)) list ??= strip
    else if (SchemaAST.isObjects(type)) {
      const tags = tagsOf(type)
      if (tags.length === 0) untagged ??= strip
      for (const tag of tags) if (!tagged.has(tag)) tagged.set(tag, strip)
    }
  }
  if (list === undefined && untagged === undefined && ![...tagged.values()].some((strip) => strip !== undefined)) {
    return undefined
  }
  return (value) => {
    if (Array.isArray(value)) return list === undefined ? value : list(value)
    if (!Predicate.isObject(value)) return value
    const tag = value["type"]
    const strip = tagged.has(tag) ? tagged.get(tag) : untagged
    return strip === undefined ? value : strip(value)
  }
}

const compile = (ast: SchemaAST.AST): Strip | undefined => {
  if (SchemaAST.isObjects(ast)) return ofObjects(ast)
  if (SchemaAST.isUnion(ast)) return ofUnion(ast)
  if (!SchemaAST.isArrays(ast)) return undefined
  const [item] = ast.rest
  const strip = item === undefined ? undefined : compile(item)
  return strip === undefined ? undefined : (value) => (Array.isArray(value) ? stripAll(value, strip) : value)
}

/**
 * Compiles a schema into a function that removes null from optional fields. Free JSON, such as rows and JSON Schemas,
 * keeps its nulls. Values that the schema does not describe are returned unchanged.
 */
export const withoutNulls = (schema: Schema.Constraint): Strip => compile(schema.ast) ?? ((value) => value)
