/**
 * Lines of text within the width of a terminal: tables, lists, bars.
 */

/** Aligns the columns of rows. The first `left` columns are aligned to the left, all others to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, left = 1): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((text, column) => (column < left ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  )
}

/** Writes rows below each other: a line for the first cell, then a line with name and value for each other cell. The first row has the names. */
export const tableRecords = (rows: ReadonlyArray<ReadonlyArray<string>>, width: number): ReadonlyArray<string> => {
  const [heads = [], ...records] = rows
  return records.flatMap(([first = "", ...cells]) => [
    // a cut id is useless
    first.includes(" ") ? cut(first, width) : first,
    ...cells.flatMap((cell, index) =>
      cell.trim() === "" ? [] : [cut(`  ${`${heads[index + 1] ?? ""} ${cell.trim()}`.trim()}`, width)]
    )
  ])
}

/** Makes a table whose first row is its heading. If the table is too wide, its rows are written as {@link tableRecords}. */
export const fittedTable = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  left: number,
  width = Number.MAX_SAFE_INTEGER
): ReadonlyArray<string> => {
  const lines = table(rows, left)
  return lines.every(({ length }) => length <= width) ? lines : tableRecords(rows, width)
}

/** Lines are indented if the terminal has at least so many columns. */
const roomForIndent = 24

/** Writes cells beside each other, on as many indented lines as the width requires. */
export const wrapped = (cells: ReadonlyArray<string>, width: number): ReadonlyArray<string> => {
  const indent = width < roomForIndent ? "" : "  "
  const lines: Array<string> = []
  for (const cell of cells.filter((text) => text !== "")) {
    const longer = `${lines.at(-1) ?? ""}  ${cell}`
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(cut(`${indent}${cell}`, width))
  }
  return lines
}

/** Writes a heading with a list below it. An empty list has no heading. */
export const section = (heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  ${line}`)]

/** Draws a share: `████████░░░░` for two thirds. */
export const bar = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

/** Cuts a text to at most `length` characters. */
export const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, Math.max(0, length - 1))
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`
