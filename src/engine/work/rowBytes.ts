/** @internal */
import { lineFeed } from "../../schema/bytes.ts"

const encoder = new TextEncoder()

/** Rows as UTF-8. */
export const bytesOf = (rows: Uint8Array | string): Uint8Array =>
  typeof rows === "string" ? encoder.encode(rows) : rows

/** The first line, with its line feed. */
export const firstLineOf = (rows: Uint8Array): Uint8Array => {
  const end = rows.indexOf(lineFeed)
  return end === -1 ? rows : rows.subarray(0, end + 1)
}
