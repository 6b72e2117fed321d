/**
 * Compiles the JSON Schema of an eval's items. The dialect is 2020-12, or an older one that `$schema` names. Unknown
 * keywords and formats are ignored. No schema is fetched.
 *
 * A hostile schema can make compiling and validating arbitrarily slow. For this reason `Workers` runs both in another
 * process.
 *
 * @internal
 */
import { Ajv, MissingRefError, type Options, type ValidateFunction } from "ajv"
import { Ajv2019 } from "ajv/dist/2019.js"
import { Ajv2020 } from "ajv/dist/2020.js"
import { fullFormats } from "ajv-formats/dist/formats.js"
import * as Result from "effect/Result"
import { parseJson } from "../../schema/fields.ts"
import { maxDepth, scan } from "../rows/JsonText.ts"
import { type Dialect, isSchema, root, tidy, type Tidied } from "./dialect.ts"
import { explain, type Finding } from "./explainAjvErrors.ts"
import { cut, shown } from "../rows/formatValue.ts"

/** Validates an item. Returns the finding for an item that does not match the schema, and undefined for one that does. */
export type Validator = (item: unknown) => Finding | undefined

/** The most UTF-16 units of a schema. The engine's own limit, far above the size of real schemas. */
export const maxSchemaLength = 1024 * 1024

const fail = (message: string, path = root): Result.Result<never, Finding> => Result.fail({ path, message })

// =============================================================================
// patterns and formats
// =============================================================================

/** Anchors of Python and other languages, which JavaScript reads as letters. */
const foreignAnchor = /(?:^|[^\\])(?:\\\\)*(\\[AZz])/

/**
 * Makes a regular expression of a pattern, with the flag `u` as the specification requires. Without the flag if the
 * pattern is invalid with it: generators escape characters that need no escape (`\_`, `\-`), which the flag forbids.
 */
const toRegExp = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern, "u")
  } catch (error) {
    const anchor = foreignAnchor.exec(pattern)?.[1]
    if (anchor !== undefined)
      throw new SyntaxError(`${anchor} is no anchor in JSON Schema, write ^ or $`, { cause: error })
    return new RegExp(pattern)
  }
}

const patternProblem = (pattern: string): string | undefined => {
  try {
    toRegExp(pattern)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^Invalid regular expression: .*\/u?: /s, "") : "it is none"
  }
}

/** A duration in ISO 8601, with the signs and fractions that serializers write. */
const duration =
  /^[-+]?P(?!$)(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?W)?(?:\d+(?:\.\d+)?D)?(?:T(?=\d)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?$/

const formats: NonNullable<Options["formats"]> = {
  ...fullFormats,
  regex: (text: string) => patternProblem(text) === undefined,
  // Python and others write a time without a zone for this format
  "date-time": fullFormats["iso-date-time"],
  time: fullFormats["iso-time"],
  duration
}

// =============================================================================
// compiling
// =============================================================================

const options: Options = {
  strict: false,
  logger: false,
  messages: false,
  formats,
  // 19.99 is a multiple of 0.01, though the division of doubles leaves a remainder
  multipleOfPrecision: 6,
  code: { regExp: Object.assign(toRegExp, { code: "new RegExp" }) }
}

const classes = { "2020-12": Ajv2020, "2019-09": Ajv2019, "draft-07": Ajv } as const

const metaSchemas = {
  "2020-12": "https://json-schema.org/draft/2020-12/schema",
  "2019-09": "https://json-schema.org/draft/2019-09/schema",
  "draft-07": "http://json-schema.org/draft-07/schema"
} as const

const metas = new Map<Dialect, Ajv>()

const metaOf = (dialect: Dialect): Ajv => {
  const known = metas.get(dialect)
  if (known !== undefined) return known
  // formats are not validated, so names and references may have any form
  const made = new classes[dialect]({ ...options, validateFormats: false })
  metas.set(dialect, made)
  return made
}

/** Validates a schema by its dialect's own schema. */
const misfit = ({ dialect, schema }: Tidied): Finding | undefined => {
  const meta = metaOf(dialect)
  return meta.validate(metaSchemas[dialect], schema) ? undefined : explain(meta.errors ?? [], schema, root, undefined)
}

const badPattern = ({ patterns }: Tidied): Finding | undefined => {
  for (const [pattern, path] of patterns) {
    const problem = patternProblem(pattern)
    if (problem !== undefined) return { path, message: `${shown(pattern)} is not a regular expression: ${problem}` }
  }
  return undefined
}

const missingReference = ({ missingRef }: MissingRefError, { references }: Tidied): Finding => {
  const [reference, path] = [...references].find(([one]) => missingRef === one || missingRef.endsWith(one)) ?? [
    missingRef,
    root
  ]
  return reference.startsWith("#")
    ? { path, message: `${shown(reference)} refers to nothing in the schema` }
    : {
        path,
        message: `${shown(reference)} refers to another schema, which is not fetched; put it below "$defs"`,
        unsupported: true
      }
}

const endless = "it is too large, or refers to itself without end"

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype))

/** Whether a schema names a property that every object inherits, such as "constructor". */
const namesInherited = (text: string): boolean => {
  for (const [, name = ""] of text.matchAll(/"(\w+)"/g)) if (inherited.has(name)) return true
  return false
}

const run = (validate: ValidateFunction, item: unknown): Finding | undefined => {
  try {
    return validate(item) ? undefined : explain(validate.errors ?? [], item, "item", validate.schema)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { path: "item", message: `cannot be checked by the item schema: ${endless}` }
  }
}

const compileTidied = (tidied: Tidied): Result.Result<Validator, Finding> => {
  const { dialect, schema } = tidied
  try {
    // one instance for each schema, so that two may have the same `$id`, and none sees the definitions of another
    const validate = new classes[dialect]({
      ...options,
      validateSchema: false,
      ownProperties: namesInherited(JSON.stringify(schema))
    }).compile(schema)
    validate({})
    return Result.succeed((item) => run(validate, item))
  } catch (error) {
    if (error instanceof RangeError) return fail(endless)
    if (error instanceof MissingRefError) return Result.fail(missingReference(error, tidied))
    return fail(`cannot be read: ${error instanceof Error ? cut(error.message) : "for an unknown reason"}`)
  }
}

/** Compiles a schema. The failure has the fault and its path: `item_schema.properties.price.type`. */
export const compile = (text: string): Result.Result<Validator, Finding> => {
  if (text.length > maxSchemaLength) return fail(`longer than ${maxSchemaLength} characters`)
  if (scan(text).depth > maxDepth) return fail(`nested deeper than ${maxDepth} levels`)
  const schema = parseJson(text)
  if (!isSchema(schema) && typeof schema !== "boolean") {
    return fail(`expected a JSON Schema, which is an object, got ${schema === undefined ? "no JSON" : shown(schema)}`)
  }
  const tidied = tidy(schema)
  const problem = badPattern(tidied) ?? misfit(tidied)
  return problem === undefined ? compileTidied(tidied) : Result.fail(problem)
}
