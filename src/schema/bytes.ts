/**
 * Characters of ASCII, for code that works on UTF-8.
 *
 * @internal
 */

/** The line feed, which ends a line. */
export const lineFeed = 0x0a
/** The carriage return, which precedes the line feed on some systems. */
export const carriageReturn = 0x0d
/** The space. */
export const space = 0x20
