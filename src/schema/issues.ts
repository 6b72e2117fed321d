/**
 * Messages for schema issues.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** A problem of a value, with its path. */
export interface Place {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  /** Whether the place is a key that the schema does not name. */
  readonly unexpected: boolean
}

/** Options of a decoder that reports all problems, unknown keys among them. */
export const strict = { errors: "all", onExcessProperty: "error" } as const

const format = SchemaIssue.makeFormatterDefault()

/** Formats a path: `data[3].created_at`. The empty path is the value itself. */
export const formatPath = (path: ReadonlyArray<PropertyKey>): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === "number"
        ? `${text}[${key}]`
        : /^[A-Za-z_$][\w$]*$/.test(String(key))
          ? `${text}${text === "" ? "" : "."}${String(key)}`
          : `${text}[${JSON.stringify(String(key))}]`,
    ""
  )

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

const kind = (ast: SchemaAST.AST): string => {
  const text = format(new SchemaIssue.InvalidType(ast, undefined, {})).replace(/^Expected /, "")
  return text === "string" || text === "boolean" || text === "number" ? `a ${text}` : text
}

const tags = (ast: SchemaAST.AST): ReadonlyArray<string> => {
  if (!SchemaAST.isObjects(ast)) return []
  const type = ast.propertySignatures.find((property) => property.name === "type")?.type
  return type !== undefined && SchemaAST.isLiteral(type) ? [JSON.stringify(type.literal)] : []
}

const expected = (ast: SchemaAST.AST): string => {
  if (!SchemaAST.isUnion(ast))
    return SchemaAST.isArrays(ast) ? "a list" : SchemaAST.isObjects(ast) ? "an object" : kind(ast)
  const literals = ast.types.filter(SchemaAST.isLiteral).map((type) => JSON.stringify(type.literal))
  const known = ast.types.flatMap(tags)
  const rest = ast.types.filter((type) => !SchemaAST.isLiteral(type) && tags(type).length === 0).map(expected)
  return [
    ...(literals.length > 0 ? [`one of ${literals.join(", ")}`] : []),
    ...new Set(rest),
    ...(known.length > 0 ? [`an object of type ${known.join(", ")}`] : [])
  ].join(", or ")
}

const depth = (places: ReadonlyArray<Place>): number => Math.max(0, ...places.map((place) => place.path.length))

// the value is of the right kind, and breaks a rule
const isRule = (issue: SchemaIssue.Issue): boolean =>
  issue._tag === "Filter" || (issue._tag === "Composite" && issue.issues.some(isRule))

const valueAt = (root: unknown, path: ReadonlyArray<PropertyKey>): unknown =>
  path.reduce<unknown>((value, key) => (Predicate.isObjectOrArray(value) ? Reflect.get(value, key) : undefined), root)

/**
 * Decodes a value by the only member of a union besides null. Effect reports no issue inside such a member. Returns
 * undefined if the union has several members, or if the value is of another kind.
 */
const nullable = (ast: SchemaAST.Union, value: unknown): SchemaIssue.Issue | undefined => {
  const [only, ...others] = ast.types.filter((type) => !SchemaAST.isNull(type))
  if (only === undefined || others.length > 0 || others.length + 1 === ast.types.length) return undefined
  if (SchemaAST.isObjects(only) ? !Predicate.isObject(value) : !SchemaAST.isArrays(only) || !Array.isArray(value)) {
    return undefined
  }
  const decode = Schema.decodeUnknownResult(Schema.make<Schema.Codec<unknown>>(only), strict)
  const decoded = decode(value)
  return Result.isFailure(decoded) ? decoded.failure.issue : undefined
}

/**
 * Returns the problems of an issue, each with its path. In a union, the problems are those of the member whose first
 * problem lies deepest: probably that member was meant.
 */
export const places = (
  issue: SchemaIssue.Issue,
  root: unknown,
  path: ReadonlyArray<PropertyKey> = []
): ReadonlyArray<Place> => {
  switch (issue._tag) {
    case "Pointer":
      return places(issue.issue, root, [...path, ...issue.path])
    case "Composite":
      return issue.issues.flatMap((inner) => places(inner, root, path))
    case "AnyOf": {
      const members = issue.issues.map((inner) => places(inner, root, path))
      const inside = members.length === 0 ? nullable(issue.ast, valueAt(root, path)) : undefined
      if (inside !== undefined) return places(inside, root, path)
      const meant = members.reduce<ReadonlyArray<Place>>(
        (best, next) => (depth(next) > depth(best) ? next : best),
        members[0] ?? []
      )
      if (depth(meant) > path.length) return meant
      const ruled = members[issue.issues.findIndex(isRule)]
      if (ruled !== undefined) return ruled
      const known = SchemaAST.isUnion(issue.ast) ? issue.ast.types.flatMap(tags) : []
      // null as a field is a field that is left out
      if (known.length > 0 && members.length === 0 && typeof path.at(-1) === "string" && valueAt(root, path) === null) {
        return [{ path, message: "is missing", unexpected: false }]
      }
      return known.length > 0 && members.length === 0
        ? [{ path: [...path, "type"], message: `expected one of ${known.join(", ")}`, unexpected: false }]
        : [{ path, message: `expected ${expected(issue.ast)}`, unexpected: false }]
    }
    case "Filter":
      return issue.issue._tag === "Pointer" || issue.issue._tag === "Composite"
        ? places(issue.issue, root, path)
        : [{ path, message: lowerFirst(format(issue)), unexpected: false }]
    case "Encoding":
      return places(issue.issue, root, path)
    case "MissingKey":
      return [{ path, message: "is missing", unexpected: false }]
    case "UnexpectedKey":
      return [{ path, message: "is not known to the API", unexpected: true }]
    default:
      return [{ path, message: lowerFirst(format(issue)), unexpected: false }]
  }
}
