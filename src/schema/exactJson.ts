/**
 * JSON whose numbers keep their digits. `JSON.parse` changes `1.0`, `1e22` and `12345678901234567890`.
 *
 * @internal
 */

/** A number whose digits JavaScript would change. */
class ExactNumber {
  readonly source: string
  constructor(source: string) {
    this.source = source
  }
}

/** Parses JSON for {@link printExact}. Returns undefined if the text is not JSON. */
export const parseExact = (text: string): unknown => {
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === "number" && context?.source !== undefined && JSON.stringify(value) !== context.source
        ? new ExactNumber(context.source)
        : value
    )
  } catch {
    return undefined
  }
}

/** Prints a value of {@link parseExact}, or a part of one, as compact JSON. */
export const printExact = (value: unknown): string => {
  if (value instanceof ExactNumber) return value.source
  if (Array.isArray(value)) return `[${value.map(printExact).join(",")}]`
  return typeof value === "object" && value !== null
    ? `{${Object.entries(value)
        .map(([key, inner]) => `${JSON.stringify(key)}:${printExact(inner)}`)
        .join(",")}}`
    : JSON.stringify(value)
}
