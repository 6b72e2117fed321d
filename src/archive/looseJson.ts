/**
 * Reads fields of JSON that nobody has checked.
 *
 * @internal
 */
import { at } from "../schema/fields.ts"

/** The string at a path, or an empty one. */
export const text = (value: unknown, ...path: ReadonlyArray<string>): string => {
  const found = at(value, ...path)
  return typeof found === "string" ? found : ""
}

/** The whole number at a path, or another. */
export const whole = (value: unknown, path: ReadonlyArray<string>, otherwise: number): number => {
  const found = at(value, ...path)
  return typeof found === "number" && Number.isSafeInteger(Math.trunc(found)) ? Math.trunc(found) : otherwise
}

/** The elements of a list; anything else has none. */
export const list = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? value : [])

const decode = (body: Uint8Array): string => new TextDecoder().decode(body)

/** Parses a stored text; what is no JSON is undefined. */
export const parse = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(decode(body))
  } catch {
    return undefined
  }
}

/** A number that JavaScript would change, as it was written. */
class Written {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

const keepNumber = (_key: string, value: unknown, ...rest: ReadonlyArray<unknown>): unknown => {
  if (typeof value !== "number") return value
  const source = text(rest[0], "source")
  return source === "" || source === String(value) ? value : new Written(source)
}

/** Parses a stored text for {@link print}, with each number as it was written. */
export const exactly = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(decode(body), keepNumber)
  } catch {
    return undefined
  }
}

/** Prints what {@link exactly} gave as compact JSON. */
export const print = (value: unknown): string => {
  if (value instanceof Written) return value.source
  if (Array.isArray(value)) return `[${value.map(print).join(",")}]`
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, inner]) => `${JSON.stringify(key)}:${print(inner)}`)
      .join(",")}}`
  }
  return JSON.stringify(value) ?? ""
}
