/**
 * The entries of the models at work, and the service over them.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import type * as Scope from "effect/Scope"
import * as Endpoint from "./Endpoint.ts"
import type { Entry } from "./Entry.ts"
import { entryProblems, invalid, type InvalidModels } from "./entryProblems.ts"
import type { Service } from "./Models.ts"
import { noEndpoint } from "./noEndpoint.ts"

/** Makes the service over endpoints, which may change while it is used. */
export const service = (endpoints: () => ReadonlyArray<Endpoint.Endpoint>): Service => {
  const find = (model: string): Endpoint.Endpoint | undefined => endpoints().find((each) => each.matches(model))
  const missing = (model: string) =>
    noEndpoint(
      model,
      endpoints().map((each) => each.describe().match)
    )
  return {
    find: (model) => find(model)?.resolve(model),
    check: (request) => {
      const endpoint = find(request.body.model)
      return endpoint === undefined ? missing(request.body.model) : endpoint.check(request)
    },
    ask: (call) => Effect.suspend(() => find(call.body.model)?.ask(call) ?? Effect.fail(missing(call.body.model))),
    embed: (call) => Effect.suspend(() => find(call.model)?.embed(call) ?? Effect.fail(missing(call.model))),
    list: Effect.sync(() => endpoints().map((each) => each.describe())),
    stats: Effect.sync(() =>
      endpoints().map((each) => {
        const { endpoint, match } = each.describe()
        return { match, endpoint, ...each.stats() }
      })
    ),
    reset: Effect.suspend(() => Effect.forEach(endpoints(), (each) => each.reset, { concurrency: 1, discard: true }))
  }
}

/** Puts entries to work. Fails with all that is wrong with them. */
export const make = <R>(
  entries: ReadonlyArray<Entry<R>>
): Effect.Effect<Service, InvalidModels, HttpClient.HttpClient | R | Scope.Scope> =>
  Effect.gen(function* () {
    const problems = entryProblems(entries)
    if (problems.length > 0) return yield* invalid(problems)
    const endpoints = yield* Effect.forEach(entries, (entry) => Endpoint.make(entry), { concurrency: 1 })
    return service(() => endpoints)
  })
