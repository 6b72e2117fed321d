/**
 * A reader of CSV: a header, and a record for each row. It accepts RFC 4180 and the dialects of spreadsheets.
 */

import * as Data from "effect/Data"

/** A fault of the CSV. The message names the line. */
export class CsvProblem extends Data.TaggedError("CsvProblem")<{ readonly message: string }> {}

const problem = (message: string): CsvProblem => new CsvProblem({ message })

/** Converts CSV to JSON lines: one line for each record. */
export interface CsvReader {
  /** Adds the next piece of the text. Returns the JSON lines of the records that it completes. */
  readonly add: (text: string) => string
  /** Ends the text. Returns the last JSON lines. */
  readonly end: () => string
  /** Returns the number of rows so far. */
  readonly rows: () => number
  /** Returns the columns. Undefined before the header is complete. */
  readonly columns: () => Columns | undefined
}

/** The default name of the sample column. */
const sampleHeader = "sample.output_text"

const delimiters = [",", ";", "\t"] as const

/** The most characters of a cell and of the header. The limit bounds the search for a closing quote. */
const longest = 16 * 1024 * 1024

/** Returns the end of the header, or -1 if more text is needed. A line break within quotes does not end it. */
const headerEnd = (text: string): number => {
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const mark = text[at]
    if (mark === '"') quoted = !quoted
    else if (!quoted && (mark === "\n" || mark === "\r")) return at
  }
  return -1
}

/** Returns the delimiter of a header: the most frequent one outside of quotes. */
const delimiterOf = (header: string): string => {
  const bare = header.replaceAll(/"(?:[^"]|"")*"/g, "")
  const counts = delimiters.map((delimiter) => bare.split(delimiter).length)
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ","
}

/** The columns of a table. */
export interface Columns {
  /** The names, in their order. */
  readonly names: ReadonlyArray<string>
  /** The index of the sample column, or -1. */
  readonly sample: number
}

const columnsOf = (names: ReadonlyArray<string>, sampleColumn: string | undefined): Columns => {
  const unnamed = names.findIndex((name) => name.trim() === "")
  if (unnamed !== -1) throw problem(`line 1: column ${unnamed + 1} has no name; the first line names the columns`)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw problem(`line 1: two columns are named ${JSON.stringify(twice)}`)
  const sample = names.indexOf(sampleColumn ?? sampleHeader)
  if (sampleColumn !== undefined && sample === -1) {
    throw problem(`line 1: no column is named ${JSON.stringify(sampleColumn)}; the columns are ${names.join(", ")}`)
  }
  return { names, sample }
}

const lineOf = ({ names, sample }: Columns, cells: ReadonlyArray<string>): string => {
  const item: Array<string> = []
  for (const [index, name] of names.entries()) {
    if (index !== sample) item.push(`${JSON.stringify(name)}:${JSON.stringify(cells[index] ?? "")}`)
  }
  const answer = sample === -1 ? "" : `,"sample":{"output_text":${JSON.stringify(cells[sample] ?? "")}}`
  return `{"item":{${item.join(",")}}${answer}}\n`
}

/**
 * Makes a reader. Each column becomes a text field of `item`, except the sample column: it becomes the `output_text` of
 * the sample. The default sample column is `sample.output_text`. The reader throws a {@link CsvProblem}. `onRow` is
 * called with the first line of each record.
 */
export const csvReader = (sampleColumn: string | undefined, onRow?: (line: number) => void): CsvReader => {
  let held = ""
  let delimiter: string | undefined
  let columns: Columns | undefined
  let cells: Array<string> = []
  let rows = 0
  let line = 1
  // the first line of the current record
  let recordLine = 1
  let out = ""

  const endRecord = () => {
    const record = cells
    cells = []
    const isBlank = record.length === 1 && record[0] === ""
    if (isBlank) return
    if (columns === undefined) {
      columns = columnsOf(record, sampleColumn)
      return
    }
    if (record.length !== columns.names.length) {
      throw problem(
        `line ${recordLine}: ${record.length} cells, and the header has ${columns.names.length}; ` +
          "a cell with a delimiter, a quote or a line break in it stands in double quotes"
      )
    }
    out += lineOf(columns, record)
    rows++
    onRow?.(recordLine)
  }

  // reads a cell and its end; returns the offset of the next cell, or -1 if more text is needed
  const cell = (text: string, at: number, last: boolean): number => {
    const separator = delimiter ?? ","
    let value = ""
    let end = at
    let breaks = 0
    if (text[at] === '"') {
      let from = at + 1
      for (;;) {
        const quote = text.indexOf('"', from)
        if (quote === -1 || (quote === text.length - 1 && !last)) {
          if (!last) return -1
          throw problem(`line ${recordLine}: a quote is opened, and never closed`)
        }
        value += text.slice(from, quote)
        if (text[quote + 1] !== '"') {
          end = quote + 1
          break
        }
        value += '"'
        from = quote + 2
      }
      for (let next = value.indexOf("\n"); next !== -1; next = value.indexOf("\n", next + 1)) breaks++
    } else {
      while (end < text.length && text[end] !== separator && text[end] !== "\n" && text[end] !== "\r") end++
      value = text.slice(at, end)
    }
    if (end >= text.length && !last) return -1
    const mark = text[end]
    // a line can end with CR or CRLF, and the LF can be in the next piece
    if (mark === "\r" && end === text.length - 1 && !last) return -1
    if (mark !== undefined && mark !== separator && mark !== "\n" && mark !== "\r") {
      throw problem(`line ${line + breaks}: text follows the quote that closes a cell`)
    }
    cells.push(value)
    line += breaks
    if (mark === separator) return end + 1
    endRecord()
    line++
    recordLine = line
    return mark === "\r" && text[end + 1] === "\n" ? end + 2 : end + 1
  }

  const read = (text: string, last: boolean): string => {
    held += text
    if (delimiter === undefined) {
      // a byte order mark, as editors of Windows write it
      held = held.replace(/^\uFEFF/, "")
      const end = headerEnd(held)
      if (end === -1 && !last) {
        if (held.length > longest) throw problem("line 1: the header does not end; the first line names the columns")
        return ""
      }
      delimiter = delimiterOf(end === -1 ? held : held.slice(0, end))
    }
    let at = 0
    // the end of the text also ends an open record: after a delimiter it has an empty cell
    const isOpen = () => at < held.length || (last && cells.length > 0)
    while (isOpen()) {
      const next = cell(held, at, last)
      if (next === -1) break
      at = next
    }
    held = held.slice(at)
    if (held.length > longest)
      throw problem(`line ${recordLine}: a quote is opened, and not closed for 16 million characters`)
    const lines = out
    out = ""
    return lines
  }

  return { add: (text) => read(text, false), end: () => read("", true), rows: () => rows, columns: () => columns }
}
