/**
 * Figures and lists as people read them.
 */

/** A whole number with its thousands apart. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US")

/** A number of things: `1 run`, `2 runs`. */
export const some = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`

/** A number of bytes. */
export const size = (bytes: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"] as const
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? "B"}`
}

/** A length of time, roughly. */
export const time = (seconds: number): string => {
  if (seconds < 1) return "a second"
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** How long something took: `0.8 s`, and roughly where it was long. */
export const duration = (seconds: number): string => (seconds < 10 ? `${seconds.toFixed(1)} s` : time(seconds))

/** Rows with their columns under each other; the first ones, so many, are to the left and all others to the right. */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, left = 1): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((text, column) => (column < left ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0)))
      .join("  ")
      .trimEnd()
  )
}

/** Returns rows, the first of which is their heading, as lines: the first cell, and each other cell after its name. */
export const tableRecords = (rows: ReadonlyArray<ReadonlyArray<string>>, width: number): ReadonlyArray<string> => {
  const [heads = [], ...records] = rows
  return records.flatMap(([first = "", ...cells]) => [
    // an id is whole, or useless
    first.includes(" ") ? cut(first, width) : first,
    ...cells.flatMap((cell, index) =>
      cell.trim() === "" ? [] : [cut(`  ${`${heads[index + 1] ?? ""} ${cell.trim()}`.trim()}`, width)]
    )
  ])
}

/** Returns a table whose first row is its heading; where the width does not hold it, its records. */
export const fittedTable = (
  rows: ReadonlyArray<ReadonlyArray<string>>,
  left: number,
  width = Number.MAX_SAFE_INTEGER
): ReadonlyArray<string> => {
  const lines = table(rows, left)
  return lines.every(({ length }) => length <= width) ? lines : tableRecords(rows, width)
}

/** A terminal of fewer columns has none to spare for an indent. */
const roomForIndent = 24

/** Returns cells beside each other, on as many indented lines as the width asks for. */
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

/** A heading with a list below it; nothing where the list is empty. */
export const section = (heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `  ${line}`)]

/** A share from 0 to 1 as `55.8 %`. Only all is 100 %, and only none is 0 %. */
export const percent = (share: number): string => {
  const rounded = Math.round(share * 1000) / 10
  const shown = share < 1 ? Math.min(99.9, rounded) : rounded
  return `${(share > 0 ? Math.max(0.1, shown) : shown).toFixed(1)} %`
}

const mostDigits = 17

/** A share from 0 to 1 as `0.57`. It has as many digits as it needs to stand on its own side of a limit. */
export const shareAgainst = (share: number, limit = 0): string => {
  for (let digits = 4; digits <= mostDigits; digits++) {
    const shown = Number(share.toFixed(digits))
    if (shown >= limit === share >= limit) return String(shown)
  }
  return String(share)
}

/** A share from 0 to 1 as `55.8 %`. It has as many digits as it needs to stand on its own side of a limit. */
export const percentAgainst = (share: number, limit = 0): string => {
  const agrees = (text: string): boolean => Number.parseFloat(text) / 100 >= limit === share >= limit
  let text = percent(share)
  for (let digits = 2; !agrees(text) && digits <= mostDigits; digits++) text = `${(share * 100).toFixed(digits)} %`
  return text
}

/** `████████░░░░` for two thirds. */
export const bar = (share: number, width: number): string => {
  const full = Math.round(Math.min(1, Math.max(0, share)) * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

// Characters that are not seen, or that turn the direction of what follows. Joiners within emoji, and between letters of
// scripts that are written with them, stay.
const unseen =
  /(?!(?<=\p{Extended_Pictographic}\uFE0F?[\u{1F3FB}-\u{1F3FF}]?)\u200D(?=\p{Extended_Pictographic}))(?!(?<=[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]])[\u200C\u200D](?=[[\p{L}\p{M}]--[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]]))[[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\uFFF9-\uFFFB]--\p{Variation_Selector}]/gv

const escaped = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase()
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`
}

/** Returns a line without what would steer a terminal, and with unseen characters as escapes: `\u202E`. */
export const visible = (line: string): string => line.replaceAll(/\p{Cc}+/gu, " ").replaceAll(unseen, escaped)

/** Returns what somebody else has written on one line, as {@link visible} shows it. */
export const plain = (text: string): string => visible(text).trim()

/** At most so many characters of a text. */
export const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, Math.max(0, length - 1))
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`

/** Unix seconds as `2026-09-01 04:50:47 UTC`, or to the minute. */
export const date = (seconds: number, precision: "second" | "minute" = "second"): string => {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime())
    ? String(seconds)
    : `${at
        .toISOString()
        .slice(0, precision === "second" ? 19 : 16)
        .replace("T", " ")} UTC`
}
