/**
 * What a schema names, field by field, of the OpenAPI document and of ours alike: `data_source[jsonl].source[file_id].id`
 * is the field `id` of the member of type `file_id`, `tools[].type` the field of a list's elements.
 */
import { Schema, SchemaAST } from "effect"

export interface Field {
  readonly required: boolean
  /** The values that are listed for it; undefined where any is taken. */
  readonly values: ReadonlySet<unknown> | undefined
}

export interface Shape {
  readonly fields: Map<string, Field>
  /** Paths of objects whose fields nobody names. */
  readonly free: Set<string>
}

const emptyShape = (): Shape => ({ fields: new Map(), free: new Set() })

const join = (path: string, name: string) => (path === "" ? name : `${path}.${name}`)

/** Members of a union may share a field: it is required where all want it, and takes what any takes. */
const add = (shape: Shape, path: string, { required, values }: Field) => {
  const before = shape.fields.get(path)
  shape.fields.set(path, {
    required: required && before?.required !== false,
    values:
      before === undefined
        ? values
        : before.values === undefined || values === undefined
          ? undefined
          : new Set([...before.values, ...values])
  })
}

// =============================================================================
// the OpenAPI document
// =============================================================================

interface Node {
  readonly $ref?: string
  readonly type?: string | ReadonlyArray<string>
  readonly oneOf?: ReadonlyArray<Node>
  readonly anyOf?: ReadonlyArray<Node>
  readonly allOf?: ReadonlyArray<Node>
  readonly properties?: Readonly<Record<string, Node>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: unknown
  readonly items?: Node
  readonly enum?: ReadonlyArray<unknown>
}

export interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Node>> }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Endpoint>>>>
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Node }>>
}

interface Endpoint {
  readonly operationId: string
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string; readonly schema: Node }>
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}

const resolve = (api: OpenApi, node: Node): Node => {
  if (node.$ref !== undefined) {
    const name = node.$ref.replace("#/components/schemas/", "")
    const found = api.components.schemas[name]
    if (found === undefined) throw new Error(`the document has no schema ${name}`)
    return resolve(api, found)
  }
  if (node.allOf === undefined) return node
  const parts = node.allOf.map((part) => resolve(api, part))
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, node.properties, ...parts.map((part) => part.properties)),
    required: [node, ...parts].flatMap((part) => part.required ?? [])
  }
}

const members = (api: OpenApi, node: Node): ReadonlyArray<Node> => {
  const resolved = resolve(api, node)
  const union = resolved.oneOf ?? resolved.anyOf
  return union === undefined ? [resolved] : union.flatMap((member) => members(api, member))
}

const valuesOf = (api: OpenApi, node: Node): ReadonlySet<unknown> | undefined => {
  const all = members(api, node).filter((member) => member.type !== "null")
  return all.every((member) => member.enum !== undefined)
    ? new Set(all.flatMap((member) => member.enum ?? []))
    : undefined
}

/** The shape of a schema of the document. */
export const ofOpenApi = (api: OpenApi, node: Node): Shape => {
  const shape = emptyShape()
  const walk = (node: Node, path: string, within: boolean) => {
    const all = members(api, node)
    for (const member of all) {
      if (member.items !== undefined) walk(member.items, `${path}[]`, true)
      const tag = member.properties?.["type"]
      const tags =
        (within || all.length > 1) && tag !== undefined && member.required?.includes("type") === true
          ? [...(valuesOf(api, tag) ?? [])]
          : [undefined]
      if (member.properties === undefined && (member.type === "object" || member.additionalProperties !== undefined)) {
        shape.free.add(path)
      }
      for (const tag of tags) {
        const own = tag === undefined ? path : `${path}[${String(tag)}]`
        for (const [name, inner] of Object.entries(member.properties ?? {})) {
          add(shape, join(own, name), {
            required: member.required?.includes(name) === true,
            values: tag !== undefined && name === "type" ? new Set([tag]) : valuesOf(api, inner)
          })
          walk(inner, join(own, name), false)
        }
      }
    }
  }
  walk(node, "", false)
  return shape
}

// =============================================================================
// our schemas
// =============================================================================

// what may hold any JSON
const isFree = (ast: SchemaAST.AST): boolean => SchemaAST.isUnknown(ast) || ast === Schema.Json.ast

const unionMembers = (ast: SchemaAST.AST): ReadonlyArray<SchemaAST.AST> =>
  SchemaAST.isUnion(ast) && !isFree(ast) ? ast.types.flatMap(unionMembers) : [ast]

const literals = (ast: SchemaAST.AST): ReadonlySet<unknown> | undefined => {
  const all = unionMembers(ast).filter((member) => !SchemaAST.isNull(member))
  const values = all.filter(SchemaAST.isLiteral).map((member) => member.literal)
  return all.length > 0 && values.length === all.length ? new Set(values) : undefined
}

/** The shape of one of our schemas. A member for types that we do not know names nothing, and is left out. */
export const ofSchema = (ast: SchemaAST.AST): Shape => {
  const shape = emptyShape()
  const walk = (ast: SchemaAST.AST, path: string, within: boolean) => {
    const all = unionMembers(ast)
    const objects = all.filter(SchemaAST.isObjects)
    for (const member of all) {
      if (isFree(member)) shape.free.add(path)
      if (SchemaAST.isArrays(member)) {
        for (const item of [...member.elements, ...member.rest]) walk(item, `${path}[]`, true)
      }
    }
    for (const member of objects) {
      const type = member.propertySignatures.find((property) => property.name === "type")?.type
      const values = type === undefined || SchemaAST.isOptional(type) ? undefined : literals(type)
      const isUnknownMember =
        type !== undefined && values === undefined && objects.length > 1 && !SchemaAST.isOptional(type)
      if (isUnknownMember) continue
      const tags = (within || objects.length > 1 || all.length > 1) && values !== undefined ? [...values] : [undefined]
      for (const tag of tags) {
        const own = tag === undefined ? path : `${path}[${String(tag)}]`
        for (const index of member.indexSignatures) {
          // an index of free JSON beside named fields of what is read only keeps what is not named
          const keepsRest = SchemaAST.isUnknown(index.type) && member.propertySignatures.length > 0
          if (!keepsRest && isFree(index.type)) shape.free.add(own)
          walk(index.type, `${own}{}`, true)
        }
        for (const property of member.propertySignatures) {
          const name = String(property.name)
          add(shape, join(own, name), {
            required: !SchemaAST.isOptional(property.type),
            values: tag !== undefined && name === "type" ? new Set([tag]) : literals(property.type)
          })
          walk(property.type, join(own, name), false)
        }
      }
    }
  }
  walk(ast, "", false)
  return shape
}

/** Whether a path stands in one of the objects (or is one of the fields) that are named. */
export const isWithin = (path: string, prefixes: Iterable<string>): boolean => {
  for (const prefix of prefixes) {
    if (prefix === "" || path === prefix || (path.startsWith(prefix) && /^[.[{]/.test(path.slice(prefix.length))))
      return true
  }
  return false
}

/** The same schema without its tolerance: a field that it does not name is an excess one. */
export const strict = (ast: SchemaAST.AST): SchemaAST.AST => {
  const { annotations, checks, context } = ast
  if (SchemaAST.isObjects(ast)) {
    const named = ast.propertySignatures.length > 0
    return new SchemaAST.Objects(
      ast.propertySignatures.map(({ name, type }) => new SchemaAST.PropertySignature(name, strict(type))),
      ast.indexSignatures.filter((index) => !(named && isFree(index.type))),
      annotations,
      checks,
      undefined,
      context
    )
  }
  if (SchemaAST.isArrays(ast)) {
    const { elements, isMutable, rest } = ast
    return new SchemaAST.Arrays(isMutable, elements, rest.map(strict), annotations, checks, undefined, context)
  }
  return SchemaAST.isUnion(ast)
    ? new SchemaAST.Union(ast.types.map(strict), ast.options, annotations, checks, undefined, context)
    : ast
}
