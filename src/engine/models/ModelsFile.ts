/**
 * The file of the models: which endpoint each model's name means.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { formatPath, places, strict } from "../../schema/issues.ts"
import { parseJson } from "../../schema/fields.ts"
import { syntaxProblem } from "../rows/jsonSyntax.ts"
import type { HttpEntry, Key, KeyUnreadable } from "./Entry.ts"
import { entryProblems, invalid, type InvalidModels, isHeaderValue } from "./entryProblems.ts"

const optional = <S extends Schema.Top>(schema: S, description: string): Schema.optionalKey<S["Rebuild"]> =>
  Schema.optionalKey(schema.annotate({ description }))

const positive = Schema.Finite.check(Schema.isGreaterThan(0))
const amount = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
const texts = Schema.Record(Schema.String, Schema.String)
const filled = Schema.String.check(Schema.isMinLength(1))

/**
 * One entry of the file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FileEntry = Schema.Struct({
  match: filled.annotate({
    description:
      "A pattern of the names of models: * stands for any characters, ? for one. The first entry that fits is used."
  }),
  baseUrl: Schema.String.annotate({
    description: "The address without the API's own path, such as https://api.openai.com/v1."
  }),
  query: optional(texts, "Parameters of the query of each request, such as Azure's api-version."),
  auth: optional(
    Schema.Literals(["bearer", "api-key"]),
    "The header of the key: authorization (bearer, the default) or api-key."
  ),
  key: optional(filled, "The key itself. keyEnv and keyFile keep it out of this file."),
  keyEnv: optional(filled, "The name of the environment variable that holds the key."),
  keyFile: optional(
    filled,
    "The file that holds the key, relative to this file. It is read again after a key was refused."
  ),
  api: optional(Schema.Literals(["chat", "responses", "both"]), "The APIs of the endpoint. Default: found out."),
  model: optional(filled, "The name of the model that is sent. Default: the name that was asked for."),
  headers: optional(texts, "Further headers of each request."),
  limits: optional(
    Schema.Struct({
      inFlight: optional(Schema.Int.check(Schema.isGreaterThan(0)), "Requests that are in flight at a time."),
      requestsPerMinute: optional(positive, "Requests a minute."),
      tokensPerMinute: optional(positive, "Tokens a minute, of prompts and answers.")
    }),
    "The limits of the endpoint. What is not set is learned."
  ),
  price: optional(
    Schema.Struct({
      input: amount.annotate({ description: "Tokens of prompts." }),
      cachedInput: optional(amount, "Tokens of prompts that the endpoint had cached. Default: as input."),
      output: amount.annotate({ description: "Tokens of answers." })
    }),
    "Prices of a million tokens."
  ),
  parameters: optional(
    Schema.Struct({
      rename: optional(texts, "New names of fields of the request."),
      drop: optional(Schema.Array(Schema.String), "Fields of the request that the endpoint refuses."),
      set: optional(Schema.Record(Schema.String, Schema.Json), "Fields that each request gets.")
    }),
    "Changes to each request, applied last: rename, then drop, then set."
  ),
  structured: optional(
    Schema.Literals(["json_schema", "json_object", "prompt"]),
    "How judges are asked for structured answers. Default: found out with the first judge."
  )
})
/**
 * One entry of the file.
 *
 * @category models
 * @since 0.1.0
 */
export type FileEntry = typeof FileEntry.Type

/**
 * The file of the models.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ModelsFile = Schema.Struct({
  $schema: optional(Schema.String, "The address of the schema of this file, for editors."),
  entries: Schema.Array(FileEntry)
})
/**
 * The file of the models.
 *
 * @category models
 * @since 0.1.0
 */
export type ModelsFile = typeof ModelsFile.Type

/**
 * Returns the JSON Schema of the file (draft 2020-12). The package has it as the file
 * `models.schema.json`.
 *
 * **Example** (The schema for an editor)
 *
 * ```ts
 * import { Models } from "effect-evals/engine"
 *
 * export const text = JSON.stringify(Models.jsonSchema())
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const jsonSchema = (): { readonly [key: string]: unknown } => {
  const { definitions, schema } = Schema.toJsonSchemaDocument(ModelsFile, { onExcessProperty: "error" })
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Models of effect-evals",
    ...schema,
    ...(Object.keys(definitions).length === 0 ? {} : { $defs: definitions })
  }
}

/**
 * Options of models that come from a file.
 *
 * @category options
 * @since 0.1.0
 */
export interface FileOptions {
  /**
   * The environment variables that `keyEnv` may name. Layers read no environment of
   * their own. Default: none.
   */
  readonly env?: { readonly [name: string]: string | undefined } | undefined
}

/** An entry that was read, and a text that is equal for equal entries. */
export interface ReadEntry {
  readonly entry: HttpEntry
  readonly identity: string
}

const decode = Schema.decodeUnknownResult(ModelsFile, strict)

const syntax = (text: string): string => {
  const { expected, found, offset } = syntaxProblem(text)
  const lines = text.slice(0, offset).split("\n")
  return `it is no JSON: expected ${expected} in line ${lines.length}, column ${(lines.at(-1) ?? "").length + 1}, found ${found}`
}

/** Reads a key from a file. */
const keyOfFile = (fs: FileSystem.FileSystem, path: string): Effect.Effect<Redacted.Redacted, KeyUnreadable> =>
  Effect.flatMap(
    Effect.mapError(fs.readFileString(path), ({ reason }) => ({ message: `${path}: ${reason._tag}` })),
    (text) => {
      const key = text.trim()
      return key === ""
        ? Effect.fail({ message: `${path} is empty` })
        : isHeaderValue(key)
          ? Effect.succeed(Redacted.make(key))
          : Effect.fail({ message: `${path} holds more than one line, or letters beyond Latin-1` })
    }
  )

const isAbsolute = (path: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(path)

const resolve = (file: string, path: string): string =>
  isAbsolute(path) ? path : file.slice(0, Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1) + path

interface Found {
  readonly key?: Key
  readonly problem?: string
}

/** The key of an entry, from the one place that the entry names. */
const keyOf = (
  { key, keyEnv, keyFile }: FileEntry,
  file: string,
  env: NonNullable<FileOptions["env"]>,
  fs: FileSystem.FileSystem
): Found => {
  const places = Object.entries({ key, keyEnv, keyFile }).flatMap(([name, value]) =>
    value === undefined ? [] : [name]
  )
  if (places.length > 1) return { problem: `${places[1]}: stands beside ${places[0]}; give one of them` }
  if (key !== undefined) return { key: Redacted.make(key) }
  if (keyFile !== undefined) return { key: keyOfFile(fs, resolve(file, keyFile)) }
  if (keyEnv === undefined) return {}
  const value = env[keyEnv]
  return value === undefined || value.trim() === ""
    ? { problem: `keyEnv: the environment variable ${keyEnv} is not set` }
    : { key: Redacted.make(value) }
}

/** Reads the text of a file. `file` is its path. */
export const parse = (
  text: string,
  file: string,
  options: FileOptions
): Effect.Effect<ReadonlyArray<ReadEntry>, InvalidModels, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    // editors of Windows begin a file with a mark
    const json = text.replace(/^\uFEFF/, "")
    const value = parseJson(json)
    if (value === undefined) return yield* invalid([syntax(json)], file)
    const decoded = decode(value)
    if (Result.isFailure(decoded)) {
      const wrong = places(decoded.failure.issue, value).map(({ message, path, unexpected }) => {
        const place = formatPath(path)
        return `${place === "" ? "" : `${place}: `}${unexpected ? "is not known here" : message}`
      })
      return yield* invalid(wrong, file)
    }
    const problems: Array<string> = []
    const read = decoded.success.entries.map((entry, index): ReadEntry => {
      const { key, problem } = keyOf(entry, file, options.env ?? {}, fs)
      if (problem !== undefined) problems.push(`entries[${index}].${problem}`)
      const { key: _key, keyEnv: _keyEnv, keyFile: _keyFile, ...others } = entry
      return {
        entry: key === undefined ? others : { ...others, key },
        identity: JSON.stringify([entry, Redacted.isRedacted(key) ? Redacted.value(key) : null])
      }
    })
    problems.push(...entryProblems(read.map(({ entry }) => entry)))
    return problems.length > 0 ? yield* invalid(problems, file) : read
  })

/** Reads a file. */
export const read = (
  file: string,
  options: FileOptions
): Effect.Effect<ReadonlyArray<ReadEntry>, InvalidModels, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const text = yield* Effect.mapError(fs.readFileString(file), ({ reason }) =>
      invalid([`it cannot be read (${reason._tag})`], file)
    )
    return yield* parse(text, file, options)
  })
