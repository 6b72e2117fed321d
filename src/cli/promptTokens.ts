/**
 * Counts the tokens of prompts with the package `gpt-tokenizer`, which is loaded only here and may be missing.
 */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** Counts the tokens of a text. */
export type Count = (text: string) => number

const packageName = "gpt-tokenizer"

/** The advice where the package is missing. */
export const missing = `prompt tokens are not counted: ${packageName} is not installed; add it with npm install ${packageName}`

/** Models whose tokens are those of an older vocabulary. All others are counted by the vocabulary of gpt-4o. */
const older = /^(?:gpt-4(?!o|\.|\d)|gpt-3\.5|text-embedding-)/

/** Returns the name of the vocabulary for a model. Another maker's model has its own: the count is then an estimate. */
export const vocabularyOf = (model: string): string => (older.test(model) ? "cl100k_base" : "o200k_base")

// a long run of letters without a blank takes the square of its length
const longestPiece = 1000

const pieces = function* (text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    let end = Math.min(text.length, at + longestPiece)
    if (end < text.length) {
      const blank = text.lastIndexOf(" ", end)
      if (blank > at) end = blank
      // the halves of a character stay together
      else if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end--
    }
    yield text.slice(at, end)
    at = end
  }
}

/** Makes a counter of the function of the package. Words such as `<|endoftext|>` are text in a prompt. */
export const counterOf =
  (countTokens: (text: string, options: { readonly disallowedSpecial: ReadonlySet<string> }) => unknown): Count =>
  (text) => {
    let tokens = 0
    for (const piece of pieces(text)) tokens += Number(countTokens(piece, { disallowedSpecial: new Set() }))
    return tokens
  }

/** Loads the counter for a model. Undefined if the package is missing. */
export const load = (model: string): Effect.Effect<Count | undefined> => {
  // not a literal: the package is no dependency that a bundler or a type checker must find
  const name: string = `${packageName}/encoding/${vocabularyOf(model)}`
  return Effect.promise(async () => {
    try {
      const loaded: unknown = await import(name)
      const count = Predicate.isObject(loaded) ? loaded["countTokens"] : undefined
      return typeof count === "function" ? counterOf((...args) => Reflect.apply(count, undefined, args)) : undefined
    } catch {
      return undefined
    }
  })
}

/** The tokens around each message, as chat completions count them. */
const perMessage = 4

const textsOf = function* (value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (Array.isArray(value)) for (const part of value) yield* textsOf(part)
  else if (Predicate.isObject(value)) {
    // images, audio and files are counted by other rules
    for (const name of ["content", "text", "refusal"]) yield* textsOf(value[name])
  }
}

/** Counts the tokens of the texts of a request: its messages or inputs, tools and formats. Images and audio are not counted. */
export const tokensOf = (body: { readonly [name: string]: unknown }, count: Count): number => {
  let tokens = 0
  for (const field of [body["messages"], body["input"]]) {
    if (Array.isArray(field) && field.some(Predicate.isObject)) tokens += perMessage * field.length
    for (const text of textsOf(field)) tokens += count(text)
  }
  for (const field of [body["tools"], body["response_format"], body["text"]]) {
    if (field !== undefined) tokens += count(JSON.stringify(field))
  }
  return tokens
}
