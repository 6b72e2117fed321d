/**
 * Input files of the command line. A pipe is copied into a temporary file, since a command may read its input twice.
 */
import { constants, openSync } from "node:fs"
import { Socket } from "node:net"
import * as NodeStream from "@effect/platform-node/NodeStream"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import type * as PlatformError from "effect/PlatformError"
import type * as Scope from "effect/Scope"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { systemReason } from "../store/systemReason.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** Makes the error for a file that cannot be read. */
export const unreadable = (filename: string, error: PlatformError.PlatformError): Stop =>
  couldNotRun(
    error.reason._tag === "NotFound"
      ? `${filename}: there is no such file.`
      : `${filename} cannot be read: ${systemReason(error)}`
  )

const copy = <E>(filename: string, bytes: Stream.Stream<Uint8Array, E>, failed: (error: E) => Stop) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Effect.mapError(fs.makeTempFileScoped({ prefix: "effect-evals-", suffix: ".copy" }), (error) =>
      couldNotRun(`No temporary file can be made for ${filename}: ${systemReason(error)}`)
    )
    const sink = fs.sink(path)
    yield* Stream.run(Stream.mapError(bytes, failed), sink).pipe(
      Effect.mapError((error) =>
        error._tag === "Stop" ? error : couldNotRun(`${filename} cannot be copied into ${path}: ${systemReason(error)}`)
      )
    )
    return path
  })

const reasonOf = (cause: unknown): string => (cause instanceof Error ? systemReason(cause) : String(cause))

// Opening a pipe blocks a thread until there is a writer, and cannot be interrupted. A non-blocking open returns at once;
// the socket then waits for data.
const pipe = (filename: string): Stream.Stream<Uint8Array, unknown> =>
  Stream.unwrap(
    Effect.map(
      Effect.try({
        try: () => openSync(filename, constants.O_RDONLY | constants.O_NONBLOCK),
        catch: (cause) => cause
      }),
      (fd) =>
        NodeStream.fromReadable<Uint8Array, unknown>({
          evaluate: () => new Socket({ fd, readable: true, writable: false }),
          onError: (cause) => cause
        })
    )
  )

/**
 * Returns the path of a regular file. For a pipe it is the path of a copy, which is removed with the scope.
 */
export const regular = (filename: string): Effect.Effect<string, Stop, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const { type } = yield* Effect.mapError(fs.stat(filename), (error) => unreadable(filename, error))
    switch (type) {
      case "File":
        yield* Effect.mapError(Effect.scoped(fs.open(filename)), (error) => unreadable(filename, error))
        return filename
      case "FIFO":
        return yield* copy(filename, pipe(filename), (cause) =>
          couldNotRun(`${filename} cannot be read: ${reasonOf(cause)}`)
        )
      case "Directory":
        return yield* couldNotRun(`${filename} is a directory: name a file in it.`)
      default:
        return yield* couldNotRun(`${filename} is no file and no pipe: name a file, or a pipe as <(command) makes one.`)
    }
  })

/** Returns the path of a copy of standard input, which is removed with the scope. */
export const standardInput: Effect.Effect<string, Stop, FileSystem.FileSystem | Stdio.Stdio | Scope.Scope> =
  Effect.flatMap(Stdio.Stdio, (stdio) =>
    copy("standard input", stdio.stdin, (error) => unreadable("standard input", error))
  )
