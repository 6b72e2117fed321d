/** Runs an archive of a host that is in memory, under the test's clock. */
import { Effect, Fiber, Layer, type Scope } from "effect"
import { TestClock } from "effect/testing"
import { archive, Database, type Options, type Report } from "effect-evals/archive"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Host } from "../../support/host/host.ts"
import { client, type Traffic } from "../../support/host/memory.ts"

/** A folder that goes with the test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-evals-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A file for an archive, in a folder that goes with the test. */
export const file: Effect.Effect<string, never, Scope.Scope> = Effect.map(folder, (path) => join(path, "archive.db"))

/** Runs an effect to its end while the test's clock moves on. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    while (fiber.pollUnsafe() === undefined) {
      // bodies are read by promises, which take turns of their own
      yield* Effect.promise(() => new Promise((resume) => setImmediate(resume)))
      yield* TestClock.adjust("200 millis")
    }
    return yield* Fiber.join(fiber)
  })

/** An archive of a host into a file, which waits on the test's clock. */
export const archiving = (host: Host, filename: string, options: Options = {}, traffic?: Traffic) =>
  archive(options).pipe(Effect.provide(Layer.merge(client(host, traffic), Database.layer({ filename }))))

/** Archives a host into a file. */
export const archived = (
  ...args: Parameters<typeof archiving>
): Effect.Effect<Report, Effect.Error<ReturnType<typeof archiving>>> => inTime(archiving(...args))
