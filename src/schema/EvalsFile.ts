/** Uploaded files. They hold the rows of runs as JSONL. */
import * as Schema from "effect/Schema"
import { FileId } from "./Ids.ts"
import { maybe, open, openLiterals, Seconds } from "./Wire.ts"

/**
 * A file's metadata. `bytes` is its size; times are in Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const EvalsFile = open({
  id: FileId,
  object: Schema.Literal("file"),
  bytes: maybe(Schema.Finite),
  created_at: Seconds,
  expires_at: maybe(Seconds),
  filename: Schema.String,
  purpose: openLiterals([
    "evals",
    "assistants",
    "assistants_output",
    "batch",
    "batch_output",
    "fine-tune",
    "fine-tune-results",
    "vision",
    "user_data"
  ]),
  status: maybe(openLiterals(["uploaded", "processed", "error"])),
  status_details: maybe(Schema.String)
})
/**
 * A file's metadata.
 *
 * @category models
 * @since 0.1.0
 */
export type EvalsFile = typeof EvalsFile.Type

/**
 * The answer to the deletion of a file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Deleted = open({
  id: FileId,
  object: maybe(openLiterals(["file"])),
  deleted: Schema.Boolean
})
/**
 * The answer to the deletion of a file.
 *
 * @category models
 * @since 0.1.0
 */
export type Deleted = typeof Deleted.Type

/**
 * The time at which an upload expires, in seconds after its creation: 3,600 to 2,592,000.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ExpiresAfter = Schema.Struct({
  anchor: Schema.Literal("created_at"),
  seconds: Schema.Int.check(Schema.isBetween({ minimum: 3600, maximum: 2_592_000 }))
})
/**
 * The time at which an upload expires, in seconds after its creation.
 *
 * @category models
 * @since 0.1.0
 */
export type ExpiresAfter = typeof ExpiresAfter.Type

/**
 * The purpose of an uploaded file.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Purpose = Schema.Literals(["evals", "assistants", "batch", "fine-tune", "vision", "user_data"])
/**
 * The purpose of an uploaded file.
 *
 * @category models
 * @since 0.1.0
 */
export type Purpose = typeof Purpose.Type

/**
 * The parameters of a list of files. `limit` is the size of a page: the host's default is 10,000.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListParams = Schema.Struct({
  after: maybe(FileId),
  limit: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  order: maybe(Schema.Literals(["asc", "desc"])),
  purpose: maybe(Schema.String)
})
/**
 * The parameters of a list of files.
 *
 * @category models
 * @since 0.1.0
 */
export type ListParams = typeof ListParams.Type

// a form escapes line breaks, and cannot hold the other control characters
const isUnwritable = (char: string): boolean => {
  const code = char.charCodeAt(0)
  return (code < 0x20 || code === 0x7f) && !"\r\n\t".includes(char)
}

const writable = Schema.makeFilter((filename: string) => {
  const found = [...filename].find(isUnwritable)
  if (found === undefined) return true
  const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")
  return `expected a file name without control characters, got one with U+${code}; rename the file`
})

/**
 * The fields of an upload beside its bytes.
 *
 * @category schemas
 * @since 0.1.0
 */
export const UploadFields = Schema.Struct({
  filename: Schema.NonEmptyString.check(writable),
  purpose: Purpose,
  expires_after: maybe(ExpiresAfter)
})
/**
 * The fields of an upload beside its bytes.
 *
 * @category models
 * @since 0.1.0
 */
export type UploadFields = typeof UploadFields.Type
