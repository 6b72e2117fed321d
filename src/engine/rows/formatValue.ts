/**
 * Formats values and paths for messages.
 *
 * @internal
 */
import { isObject } from "./JsonText.ts"

/** The most UTF-16 units of a value that a message shows. */
const shownLength = 80

/** The most values of a list that a message shows. */
const shownValues = 12

/** Cuts a text to the length that a message shows. */
export const cut = (text: string): string => (text.length > shownLength ? `${text.slice(0, shownLength)}…` : text)

/** Formats a value of JSON: a short value as it is, any other by its kind, such as `a list of 12`. */
export const shown = (value: unknown): string =>
  value === undefined
    ? "nothing"
    : typeof value === "string"
      ? JSON.stringify(cut(value))
      : Array.isArray(value)
        ? value.length === 0
          ? "an empty list"
          : `a list of ${value.length}`
        : isObject(value)
          ? "an object"
          : String(value)

/** Lists alternatives: `"a", "b" or "c"`. */
export const listed = (values: ReadonlyArray<string>): string =>
  values.length > shownValues
    ? `${values.slice(0, shownValues).join(", ")} or another of ${values.length}`
    : values.length < 2
      ? values.join()
      : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`

const isWord = (key: string): boolean => /^[\p{L}_$][\p{L}\p{M}\p{N}_$-]*$/u.test(key)

/** Formats a step of a path: `.price`, `[2]`, `["unit price"]`. An index is a number. */
export const step = (key: string | number): string =>
  typeof key === "number" ? `[${key}]` : isWord(key) ? `.${cut(key)}` : `[${JSON.stringify(cut(key))}]`
