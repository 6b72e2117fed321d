/**
 * Schema issues as places and rules that a person understands.
 *
 * @internal
 */
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaIssue from "effect/SchemaIssue"

/** A place in a value, and what is wrong there. */
export interface Place {
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  /** Whether the place is a key that the schema does not name. */
  readonly unexpected: boolean
}

const format = SchemaIssue.makeFormatterDefault()

/** `data[3].created_at`; the empty path is the value itself. */
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

/** Every place of an issue. Of a union, the member that came furthest is the one that was meant. */
export const places = (issue: SchemaIssue.Issue, path: ReadonlyArray<PropertyKey> = []): ReadonlyArray<Place> => {
  switch (issue._tag) {
    case "Pointer":
      return places(issue.issue, [...path, ...issue.path])
    case "Composite":
      return issue.issues.flatMap((inner) => places(inner, path))
    case "AnyOf": {
      const members = issue.issues.map((inner) => places(inner, path))
      const meant = members.reduce<ReadonlyArray<Place>>(
        (best, next) => (depth(next) > depth(best) ? next : best),
        members[0] ?? []
      )
      if (depth(meant) > path.length) return meant
      const ruled = members[issue.issues.findIndex(isRule)]
      if (ruled !== undefined) return ruled
      const known = SchemaAST.isUnion(issue.ast) ? issue.ast.types.flatMap(tags) : []
      return known.length > 0 && members.length === 0
        ? [{ path: [...path, "type"], message: `expected one of ${known.join(", ")}`, unexpected: false }]
        : [{ path, message: `expected ${expected(issue.ast)}`, unexpected: false }]
    }
    case "Filter":
      return issue.issue._tag === "Pointer" || issue.issue._tag === "Composite"
        ? places(issue.issue, path)
        : [{ path, message: lowerFirst(format(issue)), unexpected: false }]
    case "Encoding":
      return places(issue.issue, path)
    case "MissingKey":
      return [{ path, message: "is missing", unexpected: false }]
    case "UnexpectedKey":
      return [{ path, message: "is not known to the API", unexpected: true }]
    default:
      return [{ path, message: lowerFirst(format(issue)), unexpected: false }]
  }
}
