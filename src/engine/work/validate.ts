/**
 * The worker's side of compiling item schemas and validating rows. `rowValidation.ts` is the engine's side.
 *
 * @internal
 */
import { isUtf8 } from "node:buffer"
import * as Result from "effect/Result"
import { compile, type Validator } from "../schemas/ItemSchema.ts"
import * as Row from "../rows/Row.ts"
import { errorOf, modelOf } from "../rows/sampleFields.ts"
import { hasKnownShape } from "../rows/SampleMessages.ts"
import { Cache } from "./cache.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"
import { stopwatch, within } from "./timeLimit.ts"
import { type BadRow, type Operations, unknownKeysKept, type Unread } from "./protocol.ts"
import { RowReader } from "./RowReader.ts"

type CheckSchema = Operations["checkSchema"]
type ValidateRows = Operations["validateRows"]

/** The most compiled schemas that are cached. */
const schemasKept = 50

const schemas = new Cache(schemasKept, compile)

// the first compilation takes thirty times as long, which must not count against the time limit of a user's schema
schemas.get("{}")

/** Compiles a schema to find its faults. */
export const checkSchema = ({ millis, schemaText }: CheckSchema["request"]): CheckSchema["answer"] => {
  let compiled: Result.Result<Validator, Finding> | undefined
  within(millis, () => {
    compiled = schemas.get(schemaText)
  })
  return compiled === undefined
    ? { _tag: "Expired", line: undefined }
    : Result.isSuccess(compiled)
      ? { _tag: "GoodSchema" }
      : { _tag: "BadSchema", ...compiled.failure }
}

const anything: Validator = () => undefined

const notUtf8: Finding = { path: "", message: "is not UTF-8: save it as UTF-8" }

const noSample: Finding = {
  path: "sample",
  message:
    "is missing; criteria read it, and the eval asks for one in each row (include_sample_schema). " + Row.sampleAdvice
}

/** Whether a sample has none of the fields that criteria read, nor a shape from which they are derived. */
const saysNothing = (sample: Row.JsonObject | undefined, names: ReadonlyArray<string>): boolean =>
  names.length > 0 &&
  (sample === undefined ||
    (!hasKnownShape(sample) &&
      errorOf(sample["error"]) === undefined &&
      names.some((name) => !Object.hasOwn(sample, name))))

const keysOf = (sample: Row.JsonObject | undefined): ReadonlyArray<string> | undefined =>
  sample === undefined ? undefined : Object.keys(sample).slice(0, unknownKeysKept)

/** Validates rows in order, up to the first invalid one. */
export const validateRows = (request: ValidateRows["request"]): ValidateRows["answer"] => {
  const { compileMillis, millis, rows, sampleNames, sampleRequired, schemaText, sliceMillis } = request
  const schema: ReturnType<typeof checkSchema> =
    schemaText === undefined ? { _tag: "GoodSchema" } : checkSchema({ schemaText, millis: compileMillis, sliceMillis })
  if (schema._tag !== "GoodSchema") return schema
  const compiled = schemaText === undefined ? undefined : schemas.get(schemaText)
  const validate = compiled !== undefined && Result.isSuccess(compiled) ? compiled.success : anything
  const models = new Set<string>()
  const unknownKeys = new Set<string>()
  const reader = new RowReader(rows)
  const readable = isUtf8(rows)
  let bad: BadRow | undefined
  let unread: Unread | undefined

  const check = (line: string): Finding | undefined => {
    if (!readable && !reader.isUtf8()) return notUtf8
    const parsed = Row.parse(line)
    if (Result.isFailure(parsed)) return parsed.failure
    const { ignored, item, sample } = parsed.success
    if (sampleRequired && sample === undefined) return noSample
    const finding = validate(item)
    if (finding !== undefined) return finding
    const model = sample === undefined || errorOf(sample["error"]) !== undefined ? "" : (modelOf(sample) ?? "")
    if (model !== "" && models.size < 2) models.add(model)
    if (saysNothing(sample, sampleNames)) {
      const first = unread ?? { row: reader.rows - 1, line: reader.lines - 1, keys: keysOf(sample), rows: 0 }
      unread = { ...first, rows: first.rows + 1 }
    }
    for (const key of ignored) if (unknownKeys.size < unknownKeysKept) unknownKeys.add(key)
    return undefined
  }

  const inTime = within(sliceMillis + millis, () => {
    const late = stopwatch(sliceMillis)
    for (let line = reader.next(); line !== undefined; line = reader.next()) {
      const finding = check(line)
      if (finding !== undefined) {
        bad = { _tag: "BadRow", row: reader.rows - 1, line: reader.lines - 1, ...finding }
        return
      }
      if (late()) return
    }
  })
  if (bad !== undefined) return bad
  if (!inTime) return { _tag: "Expired", line: reader.lines - 1 }
  const { bytes, lines } = reader
  return {
    _tag: "Fitting",
    bytes,
    lines,
    rows: reader.rows,
    models: [...models],
    unknownKeys: [...unknownKeys],
    unread
  }
}
