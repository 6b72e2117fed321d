/**
 * Finds the templates in graders and messages.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { field, list, type Location } from "./finding.ts"

/** A template with its path in the definition. */
export interface Site {
  readonly path: Location
  readonly text: string
}

const ofValue = (value: unknown, path: Location): ReadonlyArray<Site> =>
  Predicate.isString(value) ? [{ path, text: value }] : []

/** Returns the fields of an object that are templates. */
export const ofFields = (value: unknown, names: ReadonlyArray<string>, path: Location): ReadonlyArray<Site> =>
  names.flatMap((name) => ofValue(field(value, name), [...path, name]))

/** Fields of a content part that are not templates. All other texts in a part are. */
const kinds = new Set(["type", "format", "detail"])

const ofContent = (value: unknown, path: Location, depth = 0): ReadonlyArray<Site> => {
  if (Array.isArray(value) && depth === 0) return value.flatMap((part, index) => ofContent(part, [...path, index], 1))
  if (!Predicate.isObject(value) || depth > 2) return ofValue(value, path)
  return Object.entries(value).flatMap(([name, inner]) =>
    kinds.has(name) ? [] : ofContent(inner, [...path, name], depth + 1)
  )
}

/** Returns the templates in the content of a list of messages. */
export const ofMessages = (messages: unknown, path: Location): ReadonlyArray<Site> =>
  list(messages).flatMap((message, index) => ofContent(field(message, "content"), [...path, index, "content"]))
