/**
 * Values of a program as the plain JSON that is sent for them.
 *
 * @internal
 */
import type { Place } from "./issues.ts"

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** `Object` for a plain object and an instance of a class, `Map`, `Date` and so on for the rest. */
const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1)

/** Returns what JSON writes for a value with `toJSON`, and the value itself for another one. */
const written = (value: unknown): unknown =>
  isObject(value) && "toJSON" in value && typeof value.toJSON === "function" ? value.toJSON() : value

const isLeaf = (value: unknown): boolean =>
  value === null || typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)

const nameOf = (value: unknown): string =>
  isObject(value)
    ? `a value of kind ${kindOf(value)}`
    : typeof value === "number" || value === undefined
      ? String(value)
      : `a ${typeof value}`

/**
 * Returns a copy in which an object is plain, a field that holds `undefined` is left
 * out, and a value with `toJSON` is replaced by what that returns. Adds to `odd` the
 * places of values that JSON would lose or change without a word: a `Map`, a
 * function, `NaN`, an invalid `Date`.
 */
export const plainJson = (value: unknown, odd: Array<Place>, path: ReadonlyArray<PropertyKey> = []): unknown => {
  const json = written(value)
  if (Array.isArray(json)) return Array.from(json, (inner, index) => plainJson(inner, odd, [...path, index]))
  if (isObject(json) && kindOf(json) === "Object") {
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
