/**
 * Characters of ASCII, for code that works on UTF-8.
 *
 * @internal
 */

/** The line feed, which ends a line. */
export const lineFeed = 0x0a
/** The carriage return, which precedes the line feed on some systems. */
export const carriageReturn = 0x0d
const space = 0x20
const tab = 0x09

/** Whether a byte is white space of JSON. */
export const isBlank = (byte: number | undefined): boolean =>
  byte === space || byte === lineFeed || byte === carriageReturn || byte === tab

/**
 * Returns a space for a line break, and any other byte unchanged. In JSON, line breaks stand only between tokens: the
 * replacement changes no value.
 */
export const withoutLineBreak = (byte: number): number => (byte === lineFeed || byte === carriageReturn ? space : byte)
