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

/** What somebody else has written, on one line and without what would steer a terminal. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}+/gu, " ").trim()

/** At most so many characters of a text. */
export const cut = (text: string, length: number): string =>
  text.length <= length
    ? text
    : `${text
        .slice(0, Math.max(0, length - 1))
        .replace(/[\uD800-\uDBFF]$/, "")
        .trimEnd()}…`

/** Unix seconds as `2026-09-01 04:50:47 UTC`. */
export const date = (seconds: number): string => {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime()) ? String(seconds) : `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`
}
