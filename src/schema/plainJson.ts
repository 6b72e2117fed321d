/**
 * Conversion of a program's values to plain JSON.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import type { Place } from "./issues.ts"

/**
 * Returns the kind of an object: `Object` for plain objects and instances of classes, `Map`, `Date` and so on for
 * others.
 */
const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

/** Returns the result of `toJSON` if a value has this method, and the value otherwise. */
const written = (value: unknown): unknown =>
  Predicate.isObjectOrArray(value) && "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value

const isLeaf = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

const nameOf = (value: unknown): string =>
  Predicate.isObjectOrArray(value)
    ? `a value of kind ${kindOf(value)}`
    : typeof value === "number" || value === undefined
      ? String(value)
      : `a ${typeof value}`

/**
 * Returns a copy of a value as JSON will have it: objects are plain, fields that hold `undefined` are left out, and
 * values with `toJSON` are replaced. Adds to `odd` the paths of values that JSON would drop or change silently: a
 * `Map`, a function, `NaN`, an invalid `Date`.
 */
export const plainJson = (value: unknown, odd: Array<Place>, path: ReadonlyArray<PropertyKey> = []): unknown => {
  const json = written(value)
  if (Array.isArray(json)) return Array.from(json, (inner, index) => plainJson(inner, odd, [...path, index]))
  if (Predicate.isObjectOrArray(json) && kindOf(json) === "Object") {
    return Object.fromEntries(
      Object.entries(json).flatMap(([key, inner]) =>
        inner === undefined ? [] : [[key, plainJson(inner, odd, [...path, key])]]
      )
    )
  }
  if (!isLeaf(json) || (json === null && value !== null)) {
    odd.push({ path, message: `expected a JSON value, got ${nameOf(value)}`, unexpected: false })
  }
  return json
}
