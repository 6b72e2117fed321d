/**
 * Explains why a value does not match a JSON Schema. Of all errors of one validation, it picks the one that tells most.
 *
 * @internal
 */
import type { ErrorObject } from "ajv"
import { describe, expected, inside, insteadOf, own, placeOf, unescaped } from "./ajvErrorText.ts"
import { shown } from "../rows/formatValue.ts"

/** A fault and its path. */
export interface Finding {
  /** `item.price`, `item.tags[2]`, `item["unit price"]`. */
  readonly path: string
  /** The fault, without the path: `expected a number, got "abc"`. */
  readonly message: string
  /** True for a schema that is well formed but that this engine cannot use. */
  readonly unsupported?: boolean
}

const isChoice = ({ keyword, params }: ErrorObject): boolean =>
  keyword === "anyOf" || (keyword === "oneOf" && !Array.isArray(params["passingSchemas"]))

type Group = ReadonlyArray<ErrorObject>

/** The validated value, its name in paths, and the schema that it does not match. */
interface Subject {
  readonly value: unknown
  readonly root: string
  readonly schema: unknown
}

const decoded = (step: string): string => {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

/** Returns the schema at a reference such as `#/a/b`. Returns undefined for any other reference. */
const schemaAt = (pointer: string, schema: unknown): unknown =>
  pointer
    .split("/")
    .slice(1)
    .reduce((inner, key) => own(inner, unescaped(decoded(key))), pointer.startsWith("#") ? schema : undefined)

const alternativesOf = ({ schemaPath }: ErrorObject, { schema }: Subject): ReadonlyArray<unknown> => {
  const found = schemaAt(schemaPath, schema)
  return Array.isArray(found)
    ? found.map((one: unknown) => {
        const reference = own(one, "$ref")
        return typeof reference === "string" ? schemaAt(reference, schema) : one
      })
    : []
}

const parentOf = ({ schemaPath }: ErrorObject): string => schemaPath.slice(0, schemaPath.lastIndexOf("/"))

/**
 * Groups the causes of an error, one group for each schema that did not match. ajv lists the errors of all alternatives,
 * and after them the error of the keyword that has these alternatives.
 */
const groupsOf = (errors: Group, subject: Subject): Array<Group> => {
  const groups: Array<Group> = []
  for (const error of errors) {
    const before = isChoice(error)
      ? alternativesOf(error, subject).length
      : error.keyword === "if" || error.keyword === "propertyNames"
        ? 1
        : groups.at(-1)?.some((other) => parentOf(other) === parentOf(error))
          ? 1
          : 0
    groups.push([...groups.splice(groups.length - Math.min(before, groups.length)).flat(), error])
  }
  return groups
}

/** Returns the values that a schema allows, if it lists them. */
const valuesOf = (schema: unknown): ReadonlyArray<unknown> | undefined => {
  const values = own(schema, "enum")
  const value = own(schema, "const")
  return value !== undefined ? [value] : Array.isArray(values) ? values : undefined
}

const propertyOf = (schema: unknown, key: string): unknown => own(own(schema, "properties"), key)

/** Returns the key that distinguishes all alternatives, if there is one. */
const tagOf = ([first, ...others]: ReadonlyArray<unknown>): string | undefined =>
  Object.keys(own(first, "properties") ?? {}).find((key) =>
    [first, ...others].every((one) => valuesOf(propertyOf(one, key)) !== undefined)
  )

/** Whether a value has the distinguishing keys of an alternative: `{ "type": "text" }`. */
const isMeant = (alternative: unknown, value: unknown): boolean => {
  let tags = 0
  for (const [key, schema] of Object.entries(own(alternative, "properties") ?? {})) {
    const values = valuesOf(schema)
    if (values === undefined) continue
    if (!values.includes(own(value, key))) return false
    tags++
  }
  return tags > 0
}

interface Explained extends Finding {
  readonly depth: number
  /** The types or values that are allowed for the whole value. */
  readonly instead: ReadonlyArray<string> | undefined
}

const single = (error: ErrorObject, { root, value }: Subject): Explained => {
  const place = placeOf(error, value, root)
  return {
    path: place.path,
    message: describe(error.keyword, error.params, place.value),
    depth: place.depth,
    instead: expected(error.keyword, error.params)
  }
}

// the alternative that the author meant fails at a deeper path, and not at its type or value
const nearness = ({ depth, instead }: Explained): number => 2 * depth + (instead === undefined ? 1 : 0)

const choice = (last: ErrorObject, causes: ReadonlyArray<Group>, subject: Subject): Explained => {
  const place = placeOf(last, subject.value, subject.root)
  const alternatives = alternativesOf(last, subject)
  const known = alternatives.length === causes.length
  const explained = causes.map((group) => explainGroup(group, subject))
  const wholes = explained.map(({ depth, instead }, index) =>
    depth > place.depth ? undefined : ((known ? valuesOf(alternatives[index])?.map(shown) : undefined) ?? instead)
  )
  if (wholes.every((one) => one !== undefined)) {
    const all = wholes.flat()
    return { path: place.path, message: insteadOf(all, place.value), depth: place.depth, instead: all }
  }
  const tag = tagOf(alternatives)
  const tagged = inside(place, tag)
  if (tag !== undefined && !alternatives.some((one) => valuesOf(propertyOf(one, tag))?.includes(tagged.value))) {
    const values = alternatives.flatMap((one) => valuesOf(propertyOf(one, tag)) ?? [])
    return { ...tagged, message: insteadOf(values.map(shown), tagged.value), instead: undefined }
  }
  const meant = known ? explained.filter((_, index) => isMeant(alternatives[index], place.value)) : []
  // an alternative of another type was not meant: null, beside an object that is almost right
  const candidates = meant.length > 0 ? meant : explained.filter((_, index) => wholes[index] === undefined)
  const best = candidates.reduce((best, one) => (nearness(one) > nearness(best) ? one : best))
  return candidates.length === 1
    ? best
    : { ...best, message: `${best.message} (the closest alternative of ${last.keyword})` }
}

const explainGroup = (errors: Group, subject: Subject): Explained => {
  const last = errors.at(-1)
  if (last === undefined) {
    return { path: subject.root, message: "does not match the schema", depth: 0, instead: undefined }
  }
  const causes = groupsOf(errors.slice(0, -1), subject)
  const cause = causes.at(-1)
  if (cause === undefined) return single(last, subject)
  if (isChoice(last)) return choice(last, causes, subject)
  if (last.keyword === "if") return explainGroup(cause, subject)
  if (last.keyword !== "propertyNames") return single(last, subject)
  const name: unknown = last.params["propertyName"]
  const rule = cause.at(-1) ?? last
  const { depth, path } = single(last, subject)
  const message = `the key ${shown(name)} is not allowed (propertyNames): ${describe(rule.keyword, rule.params, name)}`
  return { path, depth, message, instead: undefined }
}

/**
 * Explains the errors of one validation of `value`. `root` is the name of the value in paths.
 */
export const explain = (errors: Group, value: unknown, root: string, schema: unknown): Finding => {
  const { message, path } = explainGroup(errors, { value, root, schema })
  return { path, message }
}
