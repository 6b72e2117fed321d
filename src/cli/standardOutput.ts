/**
 * Standard output of the process: written whole, and with its errors kept.
 */
import { fstatSync, writeSync } from "node:fs"
import { at } from "../schema/fields.ts"

/**
 * Watches standard output and standard error. The value tells the first error of
 * standard output; a reader that leaves, such as `head`, is none.
 */
export const watchOutput = (): (() => Error | undefined) => {
  let failure: Error | undefined
  process.stdout.on("error", (error) => {
    if (at(error, "code") !== "EPIPE") failure ??= error
  })
  // there is nobody to tell
  process.stderr.on("error", () => {})
  // Node writes to a file once, and takes a part for the whole: on a full disk the rest would be lost without an error
  const { fd } = process.stdout
  if (fstatSync(fd).isFile()) {
    process.stdout._write = (chunk: Uint8Array, _encoding, done) => {
      try {
        for (let written = 0; written < chunk.length;) written += writeSync(fd, chunk, written)
        done()
      } catch (cause) {
        done(cause instanceof Error ? cause : new Error(String(cause)))
      }
    }
  }
  return () => failure
}
