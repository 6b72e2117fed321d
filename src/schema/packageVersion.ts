/**
 * Name and version of this package, for what must say them without reading a file.
 *
 * @internal
 */

/** The name under which the package is installed. */
export const packageName = "effect-evals"

/** The version of `package.json`. */
export const packageVersion = "0.1.0"
