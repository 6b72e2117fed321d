/**
 * Joins embedding calls of one run that come at the same moment: their texts go in common requests, equal texts once.
 *
 * @internal
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { ModelError } from "./ModelError.ts"
import type { EmbedCall, Embeddings } from "./Models.ts"

/** Embeds the texts of a call. */
export type Embed = (call: EmbedCall) => Effect.Effect<Embeddings, ModelError>

interface Waiting {
  readonly call: EmbedCall
  readonly embedded: Deferred.Deferred<Embeddings, ModelError>
}

interface Group {
  readonly waiting: Set<Waiting>
  fiber: Fiber.Fiber<void> | undefined
}

const lengthOf = ({ inputs }: EmbedCall): number => inputs.reduce((sum, text) => sum + text.length, 0)

/** The parts of an answer that belong to each of several calls. Each call has a share of the tokens by its length. */
const partsOf = (calls: ReadonlyArray<EmbedCall>, all: Embeddings): ReadonlyArray<Embeddings> => {
  const total = calls.reduce((sum, call) => sum + lengthOf(call), 0)
  const tokensUpTo = (length: number): number =>
    total === 0 ? 0 : Math.round(((all.prompt_tokens ?? 0) * length) / total)
  let first = 0
  let length = 0
  return calls.map((call) => {
    const before = tokensUpTo(length)
    length += lengthOf(call)
    const vectors = all.vectors.slice(first, (first += call.inputs.length))
    return {
      model: all.model,
      vectors,
      prompt_tokens: all.prompt_tokens === undefined ? undefined : tokensUpTo(length) - before
    }
  })
}

/** A request that one text spoils is refused as a whole; each call then asks for itself. */
const isSpoilt = ({ isFatal, isRetryable }: ModelError): boolean => !isFatal && !isRetryable

/** Makes calls that come together go together. */
export const embedTogether = (embed: Embed): Effect.Effect<Embed, never, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.Scope
    const groups = new Map<string, Group>()

    const ask = (key: string, group: Group, { group: run, model }: EmbedCall): Effect.Effect<void> =>
      Effect.gen(function* () {
        // all rows that were judged together have asked by then
        yield* Effect.yieldNow
        yield* Effect.yieldNow
        groups.delete(key)
        const waiting = [...group.waiting]
        const inputs = waiting.flatMap(({ call }) => call.inputs)
        const all = yield* Effect.result(embed({ group: run, model, inputs }))
        const [only] = waiting
        if (all._tag === "Success") {
          const parts = partsOf(
            waiting.map(({ call }) => call),
            all.success
          )
          for (const [index, { embedded }] of waiting.entries()) {
            const part = parts[index]
            if (part !== undefined) yield* Deferred.succeed(embedded, part)
          }
        } else if (only !== undefined && (waiting.length === 1 || !isSpoilt(all.failure))) {
          for (const { embedded } of waiting) yield* Deferred.fail(embedded, all.failure)
        } else {
          for (const { call, embedded } of waiting) yield* Deferred.completeWith(embedded, embed(call))
        }
      }).pipe(
        Effect.onError((cause) =>
          Effect.gen(function* () {
            if (groups.get(key) === group) groups.delete(key)
            for (const { embedded } of group.waiting) yield* Deferred.failCause(embedded, cause)
          })
        )
      )

    return (call) =>
      Effect.gen(function* () {
        const key = JSON.stringify([call.group, call.model])
        const known = groups.get(key)
        const group: Group = known ?? { waiting: new Set(), fiber: undefined }
        const one: Waiting = { call, embedded: yield* Deferred.make<Embeddings, ModelError>() }
        group.waiting.add(one)
        if (known === undefined) {
          groups.set(key, group)
          group.fiber = yield* Effect.forkIn(ask(key, group, call), scope)
        }
        return yield* Effect.onInterrupt(Deferred.await(one.embedded), () =>
          Effect.suspend(() => {
            group.waiting.delete(one)
            if (group.waiting.size > 0) return Effect.void
            // a fiber that is interrupted before it begins does not do this itself
            if (groups.get(key) === group) groups.delete(key)
            return group.fiber === undefined ? Effect.void : Fiber.interrupt(group.fiber)
          })
        )
      })
  })
