/**
 * Finds what is wrong with entries of the models, each with its place:
 * `entries[2].baseUrl: …`. No message has a key or the value of a header in it.
 *
 * @internal
 */
import * as Data from "effect/Data"
import * as Redacted from "effect/Redacted"
import * as Effect from "effect/Effect"
import type { Entry, HttpEntry } from "./Entry.ts"

/**
 * Models that cannot be used.
 *
 * @category errors
 * @since 0.1.0
 */
export class InvalidModels extends Data.TaggedError("InvalidModels")<{
  /** All of `problems`, for a reader. */
  readonly message: string
  /** The mistakes, each with its place: `entries[2].baseUrl: is no URL`. */
  readonly problems: ReadonlyArray<string>
}> {}

/** Makes the error of problems. `where` names a file. */
export const invalid = (problems: ReadonlyArray<string>, where = "the models"): InvalidModels =>
  new InvalidModels({ message: `${where} cannot be used: ${problems.join("; ")}`, problems })

/** Whether a text can be sent as the value of a header (RFC 9110). */
export const isHeaderValue = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value)

const isHeaderName = (name: string): boolean => /^[\w!#$%&'*+.^`|~-]+$/.test(name)

const addressProblem = (baseUrl: string): string | undefined => {
  const form = "write it like https://api.openai.com/v1"
  if (!URL.canParse(baseUrl)) return `is no URL; ${form}`
  const url = new URL(baseUrl)
  if (!/^https?:$/.test(url.protocol)) return `has the scheme ${url.protocol} ; ${form}`
  if (url.username !== "" || url.password !== "")
    return "holds a user name or a password; give them as a header instead"
  const path = url.pathname.replace(/\/+$/, "")
  return /\/(?:chat\/completions|responses|embeddings)$/.test(path)
    ? `names one API; it ends before ${path.endsWith("completions") ? "/chat/completions" : path.slice(path.lastIndexOf("/"))}`
    : undefined
}

const unfit = "has a character that no header can carry: a line break, or a letter beyond Latin-1"

function* httpProblems(entry: HttpEntry<unknown>): Generator<readonly [path: string, problem: string]> {
  const address = addressProblem(entry.baseUrl)
  if (address !== undefined) yield ["baseUrl", address]
  for (const [name, value] of Object.entries(entry.headers ?? {})) {
    if (!isHeaderName(name)) yield ["headers", `${JSON.stringify(name)} cannot be the name of a header`]
    else if (!isHeaderValue(Redacted.isRedacted(value) ? Redacted.value(value) : value))
      yield [`headers.${name}`, unfit]
  }
  const { key } = entry
  if (key !== undefined && !Effect.isEffect(key)) {
    const text = Redacted.value(key).trim()
    if (text === "") yield ["key", "is empty"]
    else if (!isHeaderValue(text)) yield ["key", unfit]
  }
  const { drop = [], rename = {}, set = {} } = entry.parameters ?? {}
  for (const name of ["model", "messages", "input", "stream"]) {
    if (drop.includes(name)) yield ["parameters.drop", `${JSON.stringify(name)} cannot be left out`]
    if (Object.hasOwn(rename, name)) yield ["parameters.rename", `${JSON.stringify(name)} has no other name`]
    if (Object.hasOwn(set, name)) yield [`parameters.set.${name}`, "cannot be set here"]
  }
}

const isCount = (value: number | undefined): boolean => value === undefined || (Number.isFinite(value) && value > 0)

function* problemsOf(entry: Entry<unknown>): Generator<readonly [path: string, problem: string]> {
  if (entry.match === "") yield ["match", 'is empty; "*" matches every model']
  if (entry.model === "") yield ["model", "is empty"]
  const { inFlight, requestsPerMinute, tokensPerMinute } = entry.limits ?? {}
  for (const [name, value] of Object.entries({ inFlight, requestsPerMinute, tokensPerMinute })) {
    if (!isCount(value)) yield [`limits.${name}`, "must be a number greater than 0"]
  }
  if (inFlight !== undefined && !Number.isInteger(inFlight)) yield ["limits.inFlight", "must be a whole number"]
  const { cachedInput, input, output } = entry.price ?? {}
  for (const [name, value] of Object.entries({ input, cachedInput, output })) {
    if (value !== undefined && !(Number.isFinite(value) && value >= 0)) {
      yield [`price.${name}`, "must be a number that is not negative"]
    }
  }
  if ("baseUrl" in entry) yield* httpProblems(entry)
}

/** Finds all that is wrong with entries. */
export const entryProblems = (entries: ReadonlyArray<Entry<unknown>>): ReadonlyArray<string> =>
  entries.flatMap((entry, index) =>
    [...problemsOf(entry)].map(([path, problem]) => `entries[${index}].${path}: ${problem}`)
  )
