/** @internal */
import { Buffer, isUtf8 } from "node:buffer"
import { lineFeed } from "../../schema/bytes.ts"
import { isBlank } from "../rows/RowLine.ts"

/**
 * Reads the lines of a JSONL text that are rows. Blank lines are none, but are
 * counted as lines.
 *
 * Its state is right at every moment at which a time limit can stop the work:
 * where a function is called, and where a loop begins anew.
 */
export class RowReader {
  readonly #bytes: Buffer
  readonly #text: string
  #at = 0
  /** The row that was read last. */
  row: string | undefined
  /** How many rows were read. */
  rows = 0
  /** How many lines were read. */
  lines = 0

  /** Bytes that are no UTF-8 are read as U+FFFD. */
  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#text = this.#bytes.toString("utf8")
  }

  /** The next row, or undefined where there is none. */
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

  /** The offset in bytes behind so many lines. */
  #behind(lines: number): number {
    let end = 0
    for (let line = 0; line < lines; line++) {
      const next = this.#bytes.indexOf(lineFeed, end)
      if (next === -1) return this.#bytes.length
      end = next + 1
    }
    return end
  }

  /** How many bytes the lines take that were read. */
  get bytes(): number {
    return this.#at > this.#text.length ? this.#bytes.length : this.#behind(this.lines)
  }

  /** Whether the row that was read last is UTF-8. */
  isUtf8(): boolean {
    return isUtf8(this.#bytes.subarray(this.#behind(this.lines - 1), this.#behind(this.lines)))
  }
}
