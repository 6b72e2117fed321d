/**
 * The errors of standard output, and complete writes to files.
 */
import { fstatSync, writeSync } from "node:fs"
import { at } from "../schema/fields.ts"

/**
 * Watches standard output and standard error. Returns a function that gives the first error of standard output. A closed
 * pipe, as `head` leaves it, is no error.
 */
export const watchOutput = (): (() => Error | undefined) => {
  let failure: Error | undefined
  process.stdout.on("error", (error) => {
    if (at(error, "code") !== "EPIPE") failure ??= error
  })
  // an error of standard error cannot be reported
  process.stderr.on("error", () => {})
  // Node ignores partial writes to a file: on a full disk the rest would be lost without an error
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
