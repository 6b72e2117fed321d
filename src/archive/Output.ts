/**
 * Files that are written piece by piece under a temporary name, and get their own
 * name when they are whole.
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
 * A file that was written.
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

/** A file that is being written. */
export interface Output {
  readonly write: (bytes: Uint8Array) => Effect.Effect<void, ExportError>
  /** Bytes written so far. */
  readonly position: () => number
  /** Gives the file its name. */
  readonly finish: Effect.Effect<Written, ExportError>
}

const bufferSize = 256 * 1024

/** Opens a file below a folder; what is not finished when the scope ends is removed. */
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
    // a scope of its own: thousands of files must not stay open until the export ends
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
        // some systems rename no file that is open
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

/** A name from outside as a name that every file system takes, and that leads out of no folder. */
export const safeName = (name: string, otherwise: string): string => {
  const plain = name
    .replace(forbidden, "_")
    .replace(/^[. ]+|[. ]+$/g, "")
    .trim()
  const kept = plain === "" ? otherwise : reserved.test(plain) ? `_${plain}` : plain
  if (Buffer.byteLength(kept) <= longest) return kept
  // the end of a name says what kind of file it is
  const extension = /\.[\w-]{1,16}$/.exec(kept)?.[0] ?? ""
  let start = kept.slice(0, longest)
  while (Buffer.byteLength(start) + extension.length > longest) start = [...start].slice(0, -1).join("")
  return start + extension
}
