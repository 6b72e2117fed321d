/** @internal */
import { Buffer, isUtf8 } from "node:buffer"
import { lineFeed } from "../../schema/bytes.ts"
import { isBlank } from "../rows/RowLine.ts"

/**
 * Reads the rows of a JSONL text. Blank lines are counted as lines, but are not rows.
 *
 * A time limit can stop the work at each function call and at each iteration of a loop. The state of the reader is
 * consistent at all these points.
 */
export class RowReader {
  readonly #bytes: Buffer
  readonly #text: string
  #at = 0
  /** The row that was read last. */
  row: string | undefined
  /** The number of rows that were read. */
  rows = 0
  /** The number of lines that were read. */
  lines = 0

  /** Reads bytes that are not UTF-8 as U+FFFD. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = this.#bytes.toString("utf8")
  }

  /** Reads the next row. Returns undefined at the end. */
  next(): string | undefined {
    const text = this.#text
    while (this.#at < text.length) {
      const found = text.indexOf("\n", this.#at)
      const end = found === -1 ? text.length : found
      const line = text.slice(this.#at, end)
      if (isBlank(line)) {
        this.#at = end + 1
        this.lines++
      } else {
        this.#at = end + 1
        this.lines++
        this.rows++
        this.row = line
        return line
      }
    }
    return undefined
  }

  /** Returns the offset in bytes after the given number of lines. */
  #behind(lines: number): number {
    let end = 0
    for (let line = 0; line < lines; line++) {
      const next = this.#bytes.indexOf(lineFeed, end)
      if (next === -1) return this.#bytes.length
      end = next + 1
    }
    return end
  }

  /** The size in bytes of the lines that were read. */
  get bytes(): number {
    return this.#at > this.#text.length ? this.#bytes.length : this.#behind(this.lines)
  }

  /** Whether the row that was read last is UTF-8. */
  isUtf8(): boolean {
    return isUtf8(this.#bytes.subarray(this.#behind(this.lines - 1), this.#behind(this.lines)))
  }
}
