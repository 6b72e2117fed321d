/** Sends one operation with openai-node and with effect-evals to the same host, and compares what it got. */
import { assert } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import type { EvalsClient, EvalsError } from "effect-evals"
import { FetchHttpClient, type HttpClient } from "effect/http"
import type OpenAI from "openai"
import { recorder, type Wire } from "./wire.ts"

/** An operation as both clients write it. */
export interface Case {
  readonly name: string
  readonly theirs: (client: OpenAI) => Promise<unknown>
  readonly ours: Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>
  /** What the host answers. */
  readonly answer: unknown
}

/** A difference that is meant. */
export interface Difference {
  /** A header, `query`, or a field of the body. */
  readonly what: string
  readonly reason: string
  /** Takes the difference out of a request. */
  readonly without: (wire: Wire) => Wire
}

/** Leaves headers out. */
export const headers = (name: RegExp, reason: string): Difference => ({
  what: `headers ${name.source}`,
  reason,
  without: (wire) => ({
    ...wire,
    headers: Object.fromEntries(Object.entries(wire.headers).filter(([key]) => !name.test(key)))
  })
})

/** How both clients are made for a host. */
export interface Clients {
  readonly theirs: (baseUrl: string) => OpenAI
  readonly ours: (baseUrl: string) => Layer.Layer<EvalsClient.EvalsClient, never, HttpClient.HttpClient>
}

/** What the host got of openai-node, and of effect-evals. */
const both = (clients: Clients, { answer, ours, theirs }: Case) =>
  Effect.gen(function* () {
    const host = yield* recorder(answer)
    yield* Effect.promise(() => theirs(clients.theirs(host.baseUrl)))
    yield* ours.pipe(Effect.provide(clients.ours(host.baseUrl)), Effect.provide(FetchHttpClient.layer))
    const [first, second] = host.seen
    if (first === undefined || second === undefined || host.count() !== 2) {
      return yield* Effect.die(new Error(`the host got ${host.count()} requests instead of two`))
    }
    return [first, second] as const
  })

/** Checks that nothing differs but what is meant to; gives the differences that were there. */
export const compare = (clients: Clients, differences: ReadonlyArray<Difference>, operation: Case) =>
  Effect.map(both(clients, operation), ([theirs, ours]) => {
    const reduce = (wire: Wire) => differences.reduce((self, { without }) => without(self), wire)
    assert.deepStrictEqual(reduce(ours), reduce(theirs))
    return differences.filter((difference) => {
      const others = differences.filter((other) => other !== difference)
      const keep = (wire: Wire) => JSON.stringify(others.reduce((self, { without }) => without(self), wire))
      return keep(theirs) !== keep(ours)
    })
  })
