/** Multipart forms written by hand. */

/** The header of forms with this boundary. */
export const formHeaders = (boundary = "b"): Readonly<Record<string, string>> => ({
  "content-type": `multipart/form-data; boundary=${boundary}`
})

/** A part that is a field. */
export const field = (name: string, value: string): string =>
  `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`

/** A part that is a file. */
export const file = (content: string, filename = "rows.jsonl", name = "file"): string =>
  `Content-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: application/jsonl\r\n\r\n${content}\r\n`

/** A form of these parts. */
export const form = (parts: ReadonlyArray<string>, boundary = "b"): string =>
  `${parts.map((part) => `--${boundary}\r\n${part}`).join("")}--${boundary}--\r\n`

/** The form of an upload for evals. */
export const upload = (content: string, boundary = "b"): string =>
  form([field("purpose", "evals"), file(content)], boundary)
