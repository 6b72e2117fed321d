/**
 * Bodies of type `multipart/form-data`.
 *
 * @internal
 */
import * as HttpBody from "effect/http/HttpBody"
import * as Stream from "effect/Stream"
import type { Upload } from "../Upload.ts"

const escape = (text: string): string => text.replace(/\r/g, "%0D").replace(/\n/g, "%0A").replace(/"/g, "%22")

/** Makes a body of text fields and one file. The transport encodes a blob; a stream is encoded here. */
export const body = (
  fields: ReadonlyArray<readonly [name: string, value: string]>,
  file: Upload,
  boundary: string
): HttpBody.HttpBody => {
  if (!Stream.isStream(file.source)) {
    const form = new FormData()
    for (const [name, value] of fields) form.append(name, value)
    form.append("file", file.source, file.filename)
    return HttpBody.formData(form)
  }
  const encoder = new TextEncoder()
  const head = encoder.encode(
    [
      ...fields.map(
        ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${escape(name)}"\r\n\r\n${value}\r\n`
      ),
      `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${escape(file.filename)}"\r\n`,
      `content-type: ${file.contentType.replace(/[\r\n]+/g, " ")}\r\n\r\n`
    ].join("")
  )
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`)
  return HttpBody.stream(
    Stream.succeed(head).pipe(Stream.concat(file.source), Stream.concat(Stream.succeed(tail))),
    `multipart/form-data; boundary=${boundary}`,
    file.size === undefined ? undefined : head.byteLength + file.size + tail.byteLength
  )
}
