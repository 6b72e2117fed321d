/**
 * Models of a file that may be read again while they are used.
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Scope from "effect/Scope"
import * as Endpoint from "./Endpoint.ts"
import type { InvalidModels } from "./entryProblems.ts"
import type { Service } from "./Models.ts"
import * as ModelsFile from "./ModelsFile.ts"
import * as Registry from "./Registry.ts"

/**
 * Models of a file that may be read again while they are used.
 *
 * @category models
 * @since 0.1.0
 */
export interface Reloadable {
  readonly service: Service
  /**
   * Reads the file again. Entries that are the same as before go on with what they
   * have learned, and are asked again where they had been given up. With a mistake in
   * the file nothing changes.
   */
  readonly reload: Effect.Effect<void, InvalidModels>
}

/**
 * Makes models of a file, which can be read again.
 *
 * **Example** (The file is read again every minute)
 *
 * ```ts
 * import { Effect, Layer, Schedule } from "effect"
 * import { Models } from "effect-evals/engine"
 *
 * export const layer = Layer.effect(
 *   Models.Models,
 *   Effect.gen(function* () {
 *     const { reload, service } = yield* Models.makeFile("models.json")
 *     const reported = Effect.catch(reload, ({ message }) => Effect.logWarning(message))
 *     yield* Effect.forkScoped(Effect.repeat(reported, Schedule.spaced("1 minute")))
 *     return service
 *   })
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeFile = (
  file: string,
  options: ModelsFile.FileOptions = {}
): Effect.Effect<Reloadable, InvalidModels, FileSystem.FileSystem | HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<FileSystem.FileSystem | HttpClient.HttpClient | Scope.Scope>()
    // those of entries that are gone stay until the end: requests may be under way
    const made = new Map<string, Endpoint.Endpoint>()
    let endpoints: ReadonlyArray<Endpoint.Endpoint> = []
    const load = Effect.gen(function* () {
      const entries = yield* ModelsFile.read(file, options)
      endpoints = yield* Effect.forEach(
        entries,
        ({ entry, identity }) => {
          const known = made.get(identity)
          return known === undefined
            ? Effect.tap(Endpoint.make(entry), (endpoint) => Effect.sync(() => made.set(identity, endpoint)))
            : Effect.as(known.reset, known)
        },
        { concurrency: 1 }
      )
    })
    yield* load
    return { service: Registry.service(() => endpoints), reload: Effect.provideContext(load, context) }
  })
