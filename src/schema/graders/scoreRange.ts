/**
 * Ranges of scores. This module imports nothing, so that worker processes can use it without loading the schemas.
 *
 * @internal
 */

/** The lowest and the highest score. */
export type Range = readonly [low: number, high: number]

/** The range of scores of a grader that has no other. */
export const defaultRange: Range = [0, 1]

/** Returns the middle of a range. It is this engine's threshold for a criterion without one. */
export const middle = ([low, high]: Range): number => (low + high) / 2
