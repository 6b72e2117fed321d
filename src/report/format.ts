/**
 * Numbers, durations and dates as text for people.
 */

/** Formats a whole number with a comma between its thousands. */
export const count = (value: number): string => Math.round(value).toLocaleString("en-US")

/** Formats a number of things: `1 run`, `2 runs`. */
export const quantity = (value: number, one: string, more = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : more}`

/** Formats a number of bytes: `12.3 MB`. */
export const byteSize = (bytes: number): string => {
  const units = ["B", "kB", "MB", "GB", "TB"] as const
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? "B"}`
}

/** Formats a duration in a rounded form: `30 s`, `3 min`. */
export const roughDuration = (seconds: number): string => {
  if (seconds < 1) return "a second"
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** Formats a duration: `0.8 s`. A longer one is rounded. */
export const duration = (seconds: number): string => (seconds < 10 ? `${seconds.toFixed(1)} s` : roughDuration(seconds))

/** Formats a share from 0 to 1 as `55.8 %`. Only 1 is shown as 100 %, and only 0 as 0 %. */
export const percent = (share: number): string => {
  const rounded = Math.round(share * 1000) / 10
  const shown = share < 1 ? Math.min(99.9, rounded) : rounded
  return `${(share > 0 ? Math.max(0.1, shown) : shown).toFixed(1)} %`
}

const mostDigits = 17

/** Formats a share from 0 to 1 as `0.57`, with as many digits as show on which side of the limit it is. */
export const shareAgainst = (share: number, limit = 0): string => {
  for (let digits = 4; digits <= mostDigits; digits++) {
    const shown = Number(share.toFixed(digits))
    if (shown >= limit === share >= limit) return String(shown)
  }
  return String(share)
}

/** Formats a share from 0 to 1 as `55.8 %`, with as many digits as show on which side of the limit it is. */
export const percentAgainst = (share: number, limit = 0): string => {
  const agrees = (text: string): boolean => Number.parseFloat(text) / 100 >= limit === share >= limit
  let text = percent(share)
  for (let digits = 2; !agrees(text) && digits <= mostDigits; digits++) text = `${(share * 100).toFixed(digits)} %`
  if (agrees(text)) return text
  // the product is rounded, which can move 1/3 below a limit of 1/3
  return `${share * 100 * (share >= limit ? 1 + Number.EPSILON : 1 - Number.EPSILON)} %`
}

/** Formats Unix seconds as `2026-09-01 04:50:47 UTC`, or to the minute. */
export const date = (seconds: number, precision: "second" | "minute" = "second"): string => {
  const at = new Date(seconds * 1000)
  return Number.isNaN(at.getTime())
    ? String(seconds)
    : `${at
        .toISOString()
        .slice(0, precision === "second" ? 19 : 16)
        .replace("T", " ")} UTC`
}
