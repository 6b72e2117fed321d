/**
 * The headers in which an endpoint says what it still allows. Servers differ in
 * names and units; each form that is known is read here, and the rest is ignored.
 */

/** Header values by name in lower case. */
export type HeaderValues = Readonly<Record<string, string | undefined>>

/** The rest of a quota: so much until the reset. */
export interface Quota {
  readonly limit?: number
  readonly remaining: number
  /** Time to the reset, in milliseconds. */
  readonly resetMillis: number
  /** The reset is a whole number of seconds, so the true one may be up to a second sooner. */
  readonly coarse: boolean
}

/** The limits in the headers of one answer. */
export interface LimitHeaders {
  readonly requests?: Quota
  readonly tokens?: Quota
  readonly retryAfterMillis?: number
}

const unitMillis: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 0.001,
  µs: 0.001,
  ns: 0.000_001
}

/** The milliseconds of a duration as Go prints it, such as `12ms`, `1m23s` or `1h23m31.5s`. */
export const goDurationMillis = (text: string): number | undefined => {
  if (!/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(text)) return undefined
  let millis = 0
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)) {
    millis += Number(amount) * (unitMillis[unit] ?? 0)
  }
  return millis
}

const numberOf = (text: string | undefined): number | undefined => {
  // `100, 100;w=60`: older drafts repeat the policy after the number
  const first = text?.split(/[,;]/, 1)[0]?.trim()
  return first !== undefined && /^\d+(?:\.\d+)?$/.test(first) ? Number(first) : undefined
}

/** A number from here on is a point in time: Unix seconds, or from the second bound milliseconds. */
const firstUnixSeconds = 1e9
const firstUnixMillis = 1e12

const resetOf = (text: string | undefined, wallMillis: number): Pick<Quota, "resetMillis" | "coarse"> | undefined => {
  if (text === undefined) return undefined
  const number = numberOf(text)
  if (number !== undefined) {
    if (number >= firstUnixMillis) return { resetMillis: Math.max(0, number - wallMillis), coarse: false }
    if (number >= firstUnixSeconds) return { resetMillis: Math.max(0, number * 1000 - wallMillis), coarse: true }
    return { resetMillis: number * 1000, coarse: Number.isInteger(number) }
  }
  const duration = goDurationMillis(text.trim())
  if (duration !== undefined) return { resetMillis: duration, coarse: false }
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : { resetMillis: Math.max(0, date - wallMillis), coarse: true }
}

const quotaOf = (
  limit: string | undefined,
  remaining: string | undefined,
  reset: string | undefined,
  wallMillis: number
): Quota | undefined => {
  const [most, rest, time] = [numberOf(limit), numberOf(remaining), resetOf(reset, wallMillis)]
  if (rest === undefined || time === undefined) return undefined
  return { ...(most === undefined ? {} : { limit: most }), remaining: rest, ...time }
}

// `RateLimit: limit=100, remaining=50, reset=30`, and in later drafts `"default";r=50;t=30`
const combinedOf = (text: string | undefined, wallMillis: number): Quota | undefined => {
  if (text === undefined) return undefined
  const field = (pattern: RegExp) => pattern.exec(text)?.[1]
  return quotaOf(
    field(/(?:^|[\s,;])limit=(\d+)/),
    field(/(?:^|[\s,;])(?:remaining|r)=(\d+)/),
    field(/(?:^|[\s,;])(?:reset|t)=(\d+)/),
    wallMillis
  )
}

const retryAfterOf = (headers: HeaderValues, wallMillis: number): number | undefined => {
  const millis = numberOf(headers["retry-after-ms"])
  if (millis !== undefined) return millis
  const text = headers["retry-after"]
  if (text === undefined) return undefined
  const seconds = numberOf(text)
  // before any look for a date: `Date.parse` takes "1" for a year
  if (seconds !== undefined) return seconds * 1000
  const duration = goDurationMillis(text.trim())
  if (duration !== undefined) return duration
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - wallMillis)
}

/** Reads the limits that an answer's headers name. Dates are compared with the Unix time in milliseconds. */
export const readLimitHeaders = (headers: HeaderValues, wallMillis: number): LimitHeaders => {
  const of = (prefix: string, suffix: string) =>
    quotaOf(
      headers[`${prefix}-limit${suffix}`],
      headers[`${prefix}-remaining${suffix}`],
      headers[`${prefix}-reset${suffix}`],
      wallMillis
    )
  const requests =
    of("x-ratelimit", "-requests") ??
    of("ratelimit", "") ??
    combinedOf(headers["ratelimit"], wallMillis) ??
    of("x-ratelimit", "")
  const tokens = of("x-ratelimit", "-tokens")
  const retryAfterMillis = retryAfterOf(headers, wallMillis)
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(tokens === undefined ? {} : { tokens }),
    ...(retryAfterMillis === undefined ? {} : { retryAfterMillis })
  }
}
