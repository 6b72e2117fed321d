/**
 * Signatures of webhooks, as standard-webhooks defines them.
 *
 * @internal
 */
import * as Result from "effect/Result"

/** Most signatures that are tried. A sender adds one for each valid secret. Each costs a pass over the body. */
const maxSignatures = 32

/** Decodes base64 or base64url, padded or not. Returns undefined for any other text. */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> | undefined =>
  Result.getOrUndefined(
    Result.try(() =>
      Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0))
    )
  )

/**
 * Returns the signatures of version 1 in the header `webhook-signature`. A signature without a version counts as
 * version 1, as in OpenAI's own clients.
 */
export const signaturesOf = (header: string): ReadonlyArray<string> =>
  header
    .split(/\s+/, maxSignatures)
    // a header that is sent twice is joined by a comma and a space
    .map((entry) => entry.replace(/,$/, ""))
    .flatMap((entry) =>
      entry.startsWith("v1,") ? [entry.slice(3)] : entry === "" || entry.includes(",") ? [] : [entry]
    )

/** Returns the bytes that are signed: id, time and body, with a dot between them. */
export const signedContent = (id: string, timestamp: string, body: Uint8Array): Uint8Array<ArrayBuffer> => {
  const head = new TextEncoder().encode(`${id}.${timestamp}.`)
  const content = new Uint8Array(head.length + body.length)
  content.set(head)
  content.set(body, head.length)
  return content
}
