/**
 * Reads the form of an upload: the fields, and the file as a stream.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as Multipart from "effect/http/Multipart"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import type { Upload } from "../engine/operations/files.ts"
import { invalid, type Rejection, tooLarge } from "../engine/texts/Rejection.ts"
import * as EvalsFile from "../schema/EvalsFile.ts"
import { at } from "../schema/fields.ts"
import * as Body from "./body.ts"
import { formatBytes } from "./Limits.ts"

const readFields = Body.reader(EvalsFile.UploadFields)

/** The largest number of parts of a form, and the largest field in bytes. */
const mostParts = 16
const largestField = 64 * 1024

// the parser reports which header of a part is invalid
const isControlCharacter = ({ reason }: Multipart.MultipartError): boolean =>
  at(reason.cause, "_tag") === "BadHeaders" && at(reason.cause, "error", "reason") === "InvalidHeaderValue"

const broken = (error: Multipart.MultipartError, limit: number): Rejection => {
  switch (error.reason._tag) {
    case "FileTooLarge":
    case "BodyTooLarge":
      return oversized(limit)
    case "FieldTooLarge":
      return tooLarge(
        `A field of the form is larger than the limit of ${formatBytes(largestField)}; send large content as the part "file".`
      )
    case "TooManyParts":
      return tooLarge(`The form has more than ${mostParts} parts.`)
    case "Parse":
    case "InternalError":
      return isControlCharacter(error)
        ? invalid(
            "A header of a part holds a control character. A file name or the name of a field cannot have one: rename the file.",
            "file"
          )
        : invalid(
            "The request's body is not a whole multipart form: send multipart/form-data, with the boundary in content-type, " +
              'lines that end in CRLF, and the parts "purpose" and "file".'
          )
  }
}

const oversized = (limit: number): Rejection =>
  tooLarge(`file: larger than the limit of ${formatBytes(limit)}. Split the rows over several files.`, "file")

const bounded = <E>(content: Stream.Stream<Uint8Array, E>, limit: number): Stream.Stream<Uint8Array, E | Rejection> =>
  Stream.suspend(() => {
    let size = 0
    return Stream.mapEffect(content, (chunk) => {
      size += chunk.length
      return size > limit ? Effect.fail(oversized(limit)) : Effect.succeed(chunk)
    })
  })

const anchorField = "expires_after[anchor]"
const secondsField = "expires_after[seconds]"

/** Reads the expiry of an upload, from one field with JSON or from two fields. */
const expiry = (fields: ReadonlyMap<string, string>): Effect.Effect<object, Rejection> => {
  const whole = fields.get("expires_after")
  const anchor = fields.get(anchorField)
  const seconds = fields.get(secondsField)
  if (anchor !== undefined || seconds !== undefined) {
    return whole === undefined
      ? Effect.succeed({ expires_after: { anchor, seconds: Number(seconds) } })
      : Effect.fail(
          invalid(
            `expires_after: is sent twice; send it as JSON, or as ${anchorField} and ${secondsField}`,
            "expires_after"
          )
        )
  }
  return whole === undefined
    ? Effect.succeed({})
    : Effect.map(
        Effect.try({
          try: (): unknown => JSON.parse(whole),
          catch: () =>
            invalid('expires_after: expected JSON like {"anchor":"created_at","seconds":86400}', "expires_after")
        }),
        (read) => ({ expires_after: read })
      )
}

const known = new Set(["purpose", "expires_after", anchorField, secondsField])

/**
 * Decodes the name of a part. Browsers escape quotes and line breaks as percent codes; other clients escape quotes with
 * a backslash. Nothing else is escaped.
 */
const nameOf = (text: string): string =>
  text.replaceAll('\\"', '"').replaceAll("%22", '"').replaceAll(/%0D/gi, "\r").replaceAll(/%0A/gi, "\n")

/** Reads the parts of a form in order. The content of the file is a stream. */
export const readUpload = Effect.fnUntraced(function* (request: HttpServerRequest, limit: number) {
  yield* Body.unpacked(request)
  const fields = new Map<string, string>()
  const pull = yield* Stream.toPull(
    Stream.mapError(request.multipartStream, (error) => broken(error, limit)).pipe(Stream.rechunk(1))
  )
  let ended = false
  const next: Effect.Effect<Multipart.File | undefined, Rejection> = Effect.suspend(() =>
    ended
      ? Effect.undefined
      : pull.pipe(
          Effect.flatMap(([part]) => {
            const key = nameOf(part.key)
            if (part._tag === "Field") {
              // refused, since clients and servers disagree on which of two fields counts
              if (known.has(key) && fields.has(key)) return Effect.fail(invalid(`${key}: is sent twice`, key))
              fields.set(key, part.value)
              return next
            }
            return key === "file"
              ? Effect.succeed(part)
              : Effect.fail(invalid(`${key}: is sent as a file; only the part "file" may be one`, key))
          }),
          Pull.catchDone(() =>
            Effect.sync(() => {
              ended = true
              return undefined
            })
          )
        )
  )
  const file = yield* next
  if (file === undefined) return yield* invalid("file: is missing; send it as a part with a filename", "file")
  const upload: Effect.Effect<Upload, Rejection> = Effect.gen(function* () {
    if ((yield* next) !== undefined)
      return yield* invalid("file: a request uploads one file, this one holds several", "file")
    const filename = file.name === "" ? "upload" : nameOf(file.name)
    yield* Body.noteUnknown(
      [...fields.keys()].filter((name) => !known.has(name)),
      "fields"
    )
    const purpose = fields.get("purpose")
    const read = yield* readFields({
      filename,
      ...(purpose === undefined ? {} : { purpose }),
      ...(yield* expiry(fields))
    })
    return { filename, purpose: read.purpose, expiresAfter: read.expires_after?.seconds }
  })
  return {
    content: bounded(
      Stream.mapError(file.content, (error) => broken(error, limit)),
      limit
    ),
    upload
  }
})

/** The limits of the form parser. `file` is the largest file in bytes. */
export const formLimits = (file: number) =>
  Multipart.limitsServices({
    maxParts: mostParts,
    maxFieldSize: largestField,
    // the parser counts the headers of the part too; `bounded` counts the content
    maxFileSize: file + 64 * 1024,
    // a part with the content type JSON is a file too
    fieldMimeTypes: []
  })
