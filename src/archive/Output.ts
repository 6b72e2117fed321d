/**
 * Writes files under a temporary name and renames them when they are complete.
 *
 * @internal
 */
import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as Scope from "effect/Scope"
import { type ExportError, notWritten } from "./ExportError.ts"

/**
 * A written file.
 *
 * @category models
 * @since 0.1.0
 */
export interface Written {
  /** Relative to the folder of the export, with forward slashes. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
}

/** An open file. */
export interface Output {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, ExportError>
  /** The number of bytes written so far. */
  readonly position: () => number
  /** Flushes the file, closes it, and renames it to its final name. */
  readonly finish: Effect.Effect<Written, ExportError>
}

const bufferSize = 256 * 1024

/** Opens a file below a folder. A file that is not finished when the scope closes is deleted. */
export const open = (
  folder: string,
  name: string
): Effect.Effect<Output, ExportError, FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const target = path.join(folder, name)
    const temporary = `${target}.partial`
    const failed = Effect.mapError(notWritten(target))
    yield* failed(fs.makeDirectory(path.dirname(target), { recursive: true }))
    // the file closes with its own scope: an export of thousands of files must not keep them all open
    const scope = yield* Scope.fork(yield* Effect.scope)
    const discard = Effect.ignore(fs.remove(temporary, { force: true }))
    let whole = false
    yield* Scope.addFinalizer(
      scope,
      Effect.suspend(() => (whole ? Effect.void : discard))
    )
    const file = yield* failed(Scope.provide(fs.open(temporary, { flag: "w" }), scope))
    const hash = createHash("sha256")
    let buffered: Array<Uint8Array> = []
    let held = 0
    let bytes = 0
    const flush = Effect.suspend(() => {
      if (held === 0) return Effect.void
      const all = Buffer.concat(buffered)
      buffered = []
      held = 0
      return failed(file.writeAll(all))
    })
    return {
      write: (some) =>
        Effect.suspend(() => {
          hash.update(some)
          buffered.push(some)
          held += some.length
          bytes += some.length
          return held >= bufferSize ? flush : Effect.void
        }),
      position: () => bytes,
      finish: Effect.gen(function* () {
        yield* flush
        whole = true
        // some systems cannot rename an open file
        yield* Scope.close(scope, Exit.void).pipe(
          Effect.andThen(failed(Effect.tapError(fs.rename(temporary, target), () => discard))),
          Effect.uninterruptible
        )
        return { path: name, bytes, sha256: hash.digest("hex") }
      })
    }
  })

const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i
const forbidden = /[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}]/gu
const longest = 120

/** Turns a name from the host into a file name that is valid on all file systems and has no path separators. */
export const safeName = (name: string, otherwise: string): string => {
  const plain = name
    .replace(forbidden, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
    .trim()
  const kept = plain === "" ? otherwise : reserved.test(plain) ? `_${plain}` : plain
  if (Buffer.byteLength(kept) <= longest) return kept
  // the extension is kept, since it tells the type of the file
  const extension = /\.[\w-]{1,16}$/.exec(kept)?.[0] ?? ""
  let start = kept.slice(0, longest)
  while (Buffer.byteLength(start) + extension.length > longest) start = [...start].slice(0, -1).join("")
  return start + extension
}
