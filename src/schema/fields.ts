/**
 * Reads fields of unchecked JSON.
 *
 * @internal
 */

/** Parses JSON. Returns undefined if the text is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns the value at a path of own fields, or undefined. */
export const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined,
    value
  )

/** Returns the string at a path, or an empty string. */
export const stringAt = (value: unknown, ...path: ReadonlyArray<string>): string => {
  const found = at(value, ...path)
  return typeof found === "string" ? found : ""
}

/** Returns the number at a path without its fraction, or `otherwise` if there is no safe integer. */
export const integerAt = (value: unknown, path: ReadonlyArray<string>, otherwise: number): number => {
  const found = at(value, ...path)
  return typeof found === "number" && Number.isSafeInteger(Math.trunc(found)) ? Math.trunc(found) : otherwise
}
