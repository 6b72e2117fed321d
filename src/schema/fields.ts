/**
 * Reads fields of JSON that nobody has checked.
 *
 * @internal
 */

/** The value at a path of own fields, or undefined. */
export const at = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, key) =>
      typeof inner === "object" && inner !== null ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined,
    value
  )
