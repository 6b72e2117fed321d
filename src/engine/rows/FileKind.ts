/**
 * Recognises files that are not JSON lines by their first bytes.
 *
 * @internal
 */

/** A kind of file that is not JSON lines. */
export interface FileKind {
  readonly name: "encoding" | "compressed" | "table" | "csv" | "list" | "indented"
  /** The kind and the remedy. It follows "the file" in a message: `is UTF-16, and not UTF-8: save it as UTF-8`. */
  readonly description: string
}

/** The number of bytes that {@link fileKind} reads. */
export const headSize = 64 * 1024

const startsWith = (head: Uint8Array, start: ReadonlyArray<number>): boolean =>
  start.every((byte, index) => head[index] === byte)

const utf16: FileKind = { name: "encoding", description: "is UTF-16, and not UTF-8: save it as UTF-8" }

const compressed = (format: string, program: string): FileKind => ({
  name: "compressed",
  description: `is compressed with ${format}: unpack it first (${program})`
})

const signatures: ReadonlyArray<readonly [bytes: ReadonlyArray<number>, kind: FileKind]> = [
  // before UTF-16, whose mark is the beginning of this one
  [[0xff, 0xfe, 0, 0], { name: "encoding", description: "is UTF-32, and not UTF-8: save it as UTF-8" }],
  [[0xff, 0xfe], utf16],
  [[0xfe, 0xff], utf16],
  [[0x1f, 0x8b], compressed("gzip", "gunzip")],
  [[0x28, 0xb5, 0x2f, 0xfd], compressed("zstd", "unzstd")],
  [[0x42, 0x5a, 0x68], compressed("bzip2", "bunzip2")],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], compressed("xz", "unxz")],
  [
    [0x50, 0x4b, 3, 4],
    {
      name: "compressed",
      description: "is a ZIP archive, as a workbook (.xlsx) is one: unpack it, or save the sheet as CSV in UTF-8"
    }
  ],
  [[0x50, 0x41, 0x52, 0x31], { name: "table", description: "is a Parquet file: write its rows as JSON lines" }]
]

// without a mark: every other byte of plain letters is zero
const isUnmarkedUtf16 = (head: Uint8Array): boolean => {
  const [first, second, third, fourth] = head
  return (first === 0 && second !== 0 && third === 0) || (second === 0 && first !== 0 && fourth === 0)
}

const withoutMark = (text: string): string => text.replace(/^\uFEFF/, "")

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const row = '{"item": …, "sample": …}'

const list: FileKind = {
  name: "list",
  description: `is one JSON array: write one object a line, ${row} (jq -c '.[]' does so)`
}
const indented: FileKind = {
  name: "indented",
  description: `has objects that go over several lines: write one object a line, ${row} (jq -c . does so)`
}
const csv: FileKind = { name: "csv", description: `looks like CSV: write one object a line, ${row}` }

const ofText = (text: string): FileKind | undefined => {
  const start = text.trimStart()
  const end = start.indexOf("\n")
  const line = (end === -1 ? start : start.slice(0, end)).trim()
  switch (line[0]) {
    case "[":
      return /^\[\s*(?:\{|$)/.test(line) ? list : undefined
    case "{":
      return /[{[,]$/.test(line) && !isJson(line) ? indented : undefined
    default:
      return /[,;\t]/.test(line) && !isJson(line) && !/[\p{Cc}\uFFFD]/u.test(line.replaceAll("\t", ""))
        ? csv
        : undefined
  }
}

/** Returns the kind of a file by its first bytes. Returns undefined if the file may be JSON lines. */
export const fileKind = (head: Uint8Array): FileKind | undefined => {
  const signed = signatures.find(([bytes]) => startsWith(head, bytes))
  if (signed !== undefined) return signed[1]
  if (isUnmarkedUtf16(head)) return utf16
  return ofText(withoutMark(new TextDecoder().decode(head.subarray(0, headSize))))
}
