/**
 * Splits batches of lines into rows.
 *
 * @internal
 */
import { lineFeed } from "../../schema/bytes.ts"
import type { Lines } from "./Lines.ts"

/** A position between two lines of a file. */
export interface Position {
  /** The offset in bytes. */
  readonly byte: number
  /** The number of the line after the position, from 1. */
  readonly line: number
}

/** A line that is a row. */
export interface RowLine {
  /** The line without its line feed. */
  readonly bytes: Uint8Array
  /** The position after the line. */
  readonly next: Position
}

const openBrace = 0x7b
/** Whether a line is blank. A blank line is not a row. */
export const isBlank = (line: string): boolean => line.charCodeAt(0) !== openBrace && line.trim() === ""

const decoder = new TextDecoder()

const isBlankBytes = (line: Uint8Array): boolean => line[0] !== openBrace && isBlank(decoder.decode(line))

/** Returns the rows of a batch of lines. The position after the last row is the end of the batch. */
export const rowLines = ({ byte, bytes, line, lines, nextByte }: Lines): ReadonlyArray<RowLine> => {
  const rows: Array<RowLine> = []
  let start = 0
  for (let index = 0; index < lines; index++) {
    const found = bytes.indexOf(lineFeed, start)
    const end = found === -1 ? bytes.length : found
    const row = bytes.subarray(start, end)
    const next = { byte: index === lines - 1 ? nextByte : byte + end + 1, line: line + index + 1 }
    if (!isBlankBytes(row)) rows.push({ bytes: row, next })
    start = end + 1
  }
  const last = rows.at(-1)
  if (last !== undefined) rows[rows.length - 1] = { ...last, next: { byte: nextByte, line: line + lines } }
  return rows
}
