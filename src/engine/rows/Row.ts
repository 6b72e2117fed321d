/**
 * A row of a run: one line of a JSONL file, or one entry of inline data. It has an `item`, and a `sample` if the model's
 * answer is already known.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { parseJson } from "../../schema/fields.ts"
import { syntaxProblem } from "./jsonSyntax.ts"
import { isObject, maxDepth, scan } from "./JsonText.ts"

/** An object of JSON. */
export type JsonObject = { readonly [key: string]: unknown }

/** A row that can be judged. */
export interface Row {
  readonly item: JsonObject
  /** Undefined if the row has no sample, or null. */
  readonly sample: JsonObject | undefined
  /** The JSON of the item with the digits, the order of keys and the escapes of the row. */
  readonly itemText: string
  /** The JSON of the sample as the row has it. */
  readonly sampleText: string | undefined
  /** Whether JavaScript may write a number of the row differently. */
  readonly odd: boolean
  /** Keys other than `item` and `sample`, which are ignored. */
  readonly ignored: ReadonlyArray<string>
}

/** A fault of a row. */
export interface RowProblem {
  /** The member of the row that is wrong; empty if the row as a whole is. */
  readonly path: "" | "item" | "sample"
  /** The text after the path: `expected an object, got a list`. */
  readonly message: string
}

/** The advice for a row without a sample. */
export const sampleAdvice = 'Put the answer there: "sample": {"output_text": "…"}'

const fail = (path: RowProblem["path"], message: string): Result.Result<never, RowProblem> =>
  Result.fail({ path, message })

const kindOf = (value: unknown): string => {
  switch (typeof value) {
    case "undefined":
      return "nothing"
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "a list" : "an object"
    default:
      return `a ${typeof value}`
  }
}

/** The most keys of a line that a message names. */
const keysNamed = 10

// a line that is an object of another kind is recognised by its keys
const noItem = (row: JsonObject): string => {
  const keys = Object.keys(row)
  if (keys.length === 0 || Object.hasOwn(row, "item")) return ""
  const named = keys.slice(0, keysNamed).map((key) => (key.length > 40 ? `${key.slice(0, 39)}…` : key))
  return `; a row is {"item": …, "sample": …}, and this line has the keys ${named.join(", ")}${keys.length > keysNamed ? ", …" : ""}`
}

const noNames: ReadonlyArray<string> = []

const others = (row: JsonObject): ReadonlyArray<string> => {
  let names: Array<string> | undefined
  for (const name in row) if (name !== "item" && name !== "sample") (names ??= []).push(name)
  return names ?? noNames
}

/**
 * Parses a row. If a key is repeated, the last one counts. Keys other than `item` and `sample` are ignored, as the host
 * ignores them.
 */
export const parse = (line: string): Result.Result<Row, RowProblem> => {
  const { depth, item: itemSpan, odd, sample: sampleSpan } = scan(line)
  if (depth > maxDepth) return fail("", `nested deeper than ${maxDepth} levels`)
  const row = parseJson(line)
  if (row === undefined) {
    const { expected, found, offset } = syntaxProblem(line)
    return fail("", `not JSON: expected ${expected} at column ${offset + 1}, found ${found}`)
  }
  if (!isObject(row)) return fail("", `expected an object with an item, got ${kindOf(row)}`)
  const { item, sample } = row
  if (!isObject(item) || itemSpan === undefined) {
    return fail("item", `expected an object, got ${kindOf(item)}${noItem(row)}`)
  }
  if (sample !== undefined && sample !== null && !isObject(sample)) {
    return fail("sample", `expected an object or null, got ${kindOf(sample)}`)
  }
  const judged = isObject(sample) && sampleSpan !== undefined
  return Result.succeed({
    item,
    sample: judged ? sample : undefined,
    itemText: line.slice(itemSpan.start, itemSpan.end),
    sampleText: judged ? line.slice(sampleSpan.start, sampleSpan.end) : undefined,
    odd,
    ignored: others(row)
  })
}
