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
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"

type Guard = (input: unknown) => boolean

/** Whether a struct accepts unknown keys: `open` in responses, `closed` in requests. */
type Mode = "open" | "closed"

// Most fields are of simple kinds: one look at a value tells, without a call for each member of a union.
const STRING = 1
const INT = 2
const FLOAT = 4
const NOT_FINITE = 8
const BOOLEAN = 16
const NULL = 32
const ABSENT = 64
const OTHER = 128
const ANY = 255

const kindOf = (input: unknown): number => {
  switch (typeof input) {
    case "string":
      return STRING
    case "number":
      return Number.isSafeInteger(input) ? INT : Number.isFinite(input) ? FLOAT : NOT_FINITE
    case "boolean":
      return BOOLEAN
    case "undefined":
      return ABSENT
    default:
      return input === null ? NULL : OTHER
  }
}

/** The values that a schema accepts: those of some kinds, and those that `rest` accepts. */
interface Accepts {
  readonly kinds: number
  readonly rest: Guard | undefined
}

const only = (kinds: number): Accepts => ({ kinds, rest: undefined })
const by = (rest: Guard): Accepts => ({ kinds: 0, rest })

const toGuard = ({ kinds, rest }: Accepts): Guard =>
  kinds === 0 && rest !== undefined
    ? rest
    : (input) => (kindOf(input) & kinds) !== 0 || (rest !== undefined && rest(input))

/** Whether an object is like those of `JSON.parse`. JSON writes such an object with exactly its own fields. */
const isPlain = (input: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(input)
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in input)
}

const passes = (check: SchemaAST.Check<unknown>, ast: SchemaAST.AST): Guard => {
  if (check._tag === "FilterGroup") {
    const guards = check.checks.map((inner) => passes(inner, ast))
    return (input) => guards.every((guard) => guard(input))
  }
  return (input) => check.run(input, ast, {}) === undefined
}

const withChecks = (accepts: Accepts, ast: SchemaAST.AST): Accepts => {
  const [first, ...others] = ast.checks ?? []
  if (first === undefined) return accepts
  if (SchemaAST.isNumber(ast) && others.length === 0) {
    const id = first.annotations?.["representation"]?.id
    if (id === "effect/schema/isFinite") return only(INT | FLOAT)
    if (id === "effect/schema/isInt") return only(INT)
  }
  const base = toGuard(accepts)
  const guards = [first, ...others].map((check) => passes(check, ast))
  return by((input) => base(input) && guards.every((guard) => guard(input)))
}

interface Field extends Accepts {
  readonly name: string
  readonly required: 0 | 1
}

const isKeepAll = (index: SchemaAST.IndexSignature): boolean =>
  SchemaAST.isString(index.parameter) && index.parameter.checks === undefined && SchemaAST.isUnknown(index.type)

const objects = (ast: SchemaAST.Objects, mode: Mode): Accepts | undefined => {
  const indexes = ast.indexSignatures.filter((index) => !isKeepAll(index))
  if (
    ast.propertySignatures.length + ast.indexSignatures.length === 0 ||
    ast.propertySignatures.some((property) => typeof property.name !== "string") ||
    indexes.some((index) => !SchemaAST.isString(index.parameter) || index.parameter.checks !== undefined)
  ) {
    return undefined
  }
  const fields = new Map<string, Field>()
  for (const { name, type } of ast.propertySignatures) {
    const { kinds, rest } = compile(type, mode)
    const optional = SchemaAST.isOptional(type)
    // JSON has no undefined: a field that reads as undefined is absent
    fields.set(String(name), {
      name: String(name),
      kinds: optional ? kinds | ABSENT : kinds & ~ABSENT,
      rest,
      required: optional ? 0 : 1
    })
  }
  const required = [...fields.values()].filter((field) => field.required === 1).length
  const values = indexes.map((index) => toGuard(compile(index.type, mode)))
  const closed = mode === "closed" && ast.indexSignatures.length === 0
  if (fields.size === 0 && values.length === 0 && !closed) return by(Predicate.isObject)
  const unnamed: Guard = (value) =>
    !closed && ((mode === "closed" && value === undefined) || values.every((guard) => guard(value)))
  // objects of a list have their keys in one order: the field at a place is mostly the one seen there before
  const seen: Array<Field | undefined> = []
  return by((input) => {
    if (!Predicate.isObject(input) || (mode === "closed" && !isPlain(input))) return false
    let missing = required
    let place = 0
    for (const key in input) {
      const value = input[key]
      let field = seen[place]
      if (field === undefined || field.name !== key) field = seen[place] = fields.get(key)
      place++
      if (field === undefined) {
        if (!unnamed(value)) return false
      } else {
        if ((kindOf(value) & field.kinds) === 0) {
          if (value === undefined || field.rest === undefined || !field.rest(value)) return false
        }
        missing -= field.required
      }
    }
    return missing === 0
  })
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

const union = (ast: SchemaAST.Union, mode: Mode): Accepts => {
  let kinds = 0
  const literals = new Set<unknown>()
  const tags = new Map<unknown, Guard>()
  const others: Array<Guard> = []
  for (const type of ast.types) {
    const tag = tagOf(type, "type")
    const member = compile(type, mode)
    kinds |= member.kinds
    if (SchemaAST.isLiteral(type)) literals.add(type.literal)
    else if (member.rest !== undefined && tag !== undefined && !tags.has(tag)) tags.set(tag, member.rest)
    else if (member.rest !== undefined) others.push(member.rest)
  }
  if (literals.size > 0) others.unshift((input) => literals.has(input))
  if (tags.size === 0 && others.length < 2) return { kinds, rest: others[0] }
  return {
    kinds,
    rest: (input) =>
      (Predicate.isObject(input) && tags.get(input["type"])?.(input) === true) || others.some((guard) => guard(input))
  }
}

const simple = new Map([
  ["Unknown", ANY],
  ["Any", ANY],
  ["String", STRING],
  ["Number", INT | FLOAT | NOT_FINITE],
  ["Boolean", BOOLEAN],
  ["Null", NULL]
])

const base = (ast: SchemaAST.AST, mode: Mode): Accepts | undefined => {
  const kinds = simple.get(ast._tag)
  if (kinds !== undefined) return only(kinds)
  switch (ast._tag) {
    case "Literal":
      return by((input) => input === ast.literal)
    case "Arrays": {
      const [item, ...more] = ast.rest
      if (ast.elements.length > 0 || item === undefined || more.length > 0) return undefined
      const guard = toGuard(compile(item, mode))
      return by((input) => {
        if (!Array.isArray(input)) return false
        for (let i = 0; i < input.length; i++) if (!guard(input[i])) return false
        return true
      })
    }
    case "Objects":
      return objects(ast, mode)
    case "Union":
      return ast.options?.mode === "oneOf" ? undefined : union(ast, mode)
    default:
      return undefined
  }
}

const compile = (ast: SchemaAST.AST, mode: Mode): Accepts => {
  const accepts = ast.encoding === undefined ? base(ast, mode) : undefined
  // whatever the wire does not use is left to Effect's own interpreter
  return accepts === undefined ? by(Schema.is(Schema.make<Schema.Schema<unknown>>(ast))) : withChecks(accepts, ast)
}

/**
 * Returns the predicate of a schema without transformations, for the results of `JSON.parse`. Mode `closed` is for
 * requests: it also refuses unknown keys, and objects that JSON does not write field by field, such as dates.
 */
export const guard = <S extends Schema.Constraint>(
  schema: S,
  mode: Mode = "open"
): ((input: unknown) => input is S["Type"]) => {
  const accepts = toGuard(compile(schema.ast, mode))
  return (input): input is S["Type"] => accepts(input)
}
