/**
 * The JSON Schema of an eval's items, as people have it: 2020-12 or an older
 * dialect by `$schema`, keywords and formats that are not known are let through,
 * nothing is fetched.
 *
 * Both compiling and validating can take as long as the author of a schema
 * likes, so both are done in a process of their own (`Workers`).
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

/** What an item is not, or undefined where it fits. */
export type Validator = (item: unknown) => Finding | undefined

/** The most UTF-16 units that a schema may have. The engine's own limit, far above what people write. */
export const maxSchemaLength = 1024 * 1024

const fail = (message: string, path = root): Result.Result<never, Finding> => Result.fail({ path, message })

// =============================================================================
// patterns and formats
// =============================================================================

/** Python's and other languages' anchors, which JavaScript takes for the letters. */
const foreignAnchor = /(?:^|[^\\])(?:\\\\)*(\\[AZz])/

/**
 * A pattern as a regular expression with the flag `u`, as the specification wants
 * it, or without where it is none with it: generators escape characters that need
 * no escape (`\_`, `\-`), which the flag forbids.
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

/** ISO 8601, with the signs and the fractions that serializers write besides. */
const duration =
  /^[-+]?P(?!$)(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?W)?(?:\d+(?:\.\d+)?D)?(?:T(?=\d)(?:\d+(?:\.\d+)?H)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?S)?)?$/

const formats: NonNullable<Options["formats"]> = {
  ...fullFormats,
  regex: (text: string) => patternProblem(text) === undefined,
  // a time without a zone is what Python and others write for the format
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
  // 19.99 is a multiple of 0.01, whatever doubles make of it
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
  // no formats: names and references are taken as they come
  const made = new classes[dialect]({ ...options, validateFormats: false })
  metas.set(dialect, made)
  return made
}

/** What the dialect's own schema does not allow. */
const misfit = ({ dialect, schema }: Tidied): Finding | undefined => {
  const meta = metaOf(dialect)
  return meta.validate(metaSchemas[dialect], schema) ? undefined : explain(meta.errors ?? [], schema, root, undefined)
}

const badPattern = ({ patterns }: Tidied): Finding | undefined => {
  for (const [pattern, path] of patterns) {
    const problem = patternProblem(pattern)
    if (problem !== undefined) return { path, message: `${shown(pattern)} is no regular expression: ${problem}` }
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
        message: `${shown(reference)} refers to another schema, and none is fetched; put it below "$defs"`,
        unsupported: true
      }
}

const endless = "it is too large, or refers to itself without end"

const inherited = new Set(Object.getOwnPropertyNames(Object.prototype))

/** Whether a name in a schema is one that every object inherits: an item without the key "constructor" has one. */
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
    // an instance for each schema: two of one `$id` are no problem then, nor does one see what another defines
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
    return fail(`cannot be read: ${error instanceof Error ? cut(error.message) : "for no reason that is known"}`)
  }
}

/** Reads a schema. The failure says what is wrong with it, and where: `item_schema.properties.price.type`. */
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
