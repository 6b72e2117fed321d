/**
 * The name and the version of this package, for code that cannot read `package.json`.
 *
 * @internal
 */

/** The name under which the package is installed. */
export const packageName = "effect-evals"

/** The version of `package.json`. */
export const packageVersion = "0.1.0"
