/**
 * Rows that a request brings (`file_content`).
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { lineFeed } from "../../schema/bytes.ts"
import { type Batch, linesAtOnce, type OpenRows } from "./OpenRows.ts"

/** Cuts the text of all rows into batches like those of a file. */
const batchesOf = (bytes: Uint8Array): ReadonlyArray<Batch> => {
  const found: Array<Batch> = []
  for (let start = 0, line = 1; start < bytes.length;) {
    let lines = 0
    let end = start - 1
    while (lines < linesAtOnce && end < bytes.length) {
      const next = bytes.indexOf(lineFeed, end + 1)
      end = next === -1 ? bytes.length : next
      lines++
    }
    found.push({ bytes: bytes.subarray(start, end), lines, line })
    start = end + 1
    line += lines
  }
  return found
}

const param = "data_source.source.content"

/** Opens the rows of a request, one a line. */
export const inlineRows = (rows: Uint8Array): OpenRows => ({
  batches: Stream.fromIterable(batchesOf(rows)),
  param,
  place: ({ index, path }) => `${param}[${index}]${path === "" || path.startsWith("[") ? path : `.${path}`}`,
  lineOf: (line) => `${param}[${line - 1}]`,
  wrongKind: () => "",
  whyEmpty: "",
  still: Effect.void
})
