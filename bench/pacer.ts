/**
 * What the pacer of a model's endpoint costs: CPU of a request that goes through
 * it, less that of the same request without, and how near real timers come to a
 * rate that is configured.
 */
import { Effect } from "effect"
import type { Outcome } from "../src/engine/models/Outcome.ts"
import * as Pacer from "../src/engine/models/Pacer.ts"
import { type Benchmark, cpuSeconds, median, type Result } from "./lib/harness.ts"

const clients = 512
const inFlight = 64
const requests = 100_000
const rounds = 5
const target = 50

const headers = {
  "x-ratelimit-limit-requests": "30000000",
  "x-ratelimit-remaining-requests": "29999999",
  "x-ratelimit-reset-requests": "6ms",
  "x-ratelimit-limit-tokens": "150000000000",
  "x-ratelimit-remaining-tokens": "149999984000",
  "x-ratelimit-reset-tokens": "2ms"
}

/** An answer that takes no time and no CPU worth speaking of. */
const answer = (outcome: Outcome): Effect.Effect<Outcome> => Effect.as(Effect.yieldNow, outcome)

/** Lets so many clients send until they have sent so many requests. */
const send = (count: number, one: (client: number) => Effect.Effect<unknown, unknown>) => {
  let left = count
  return Effect.forEach(
    Array.from({ length: clients }, (_, client) => client),
    (client) => Effect.whileLoop({ while: () => left-- > 0, body: () => one(client), step: () => undefined }),
    { concurrency: "unbounded", discard: true }
  )
}

const micros = (program: Effect.Effect<unknown, unknown>) =>
  Effect.promise(async () => ((await cpuSeconds(() => Effect.runPromise(program))) / requests) * 1e6)

interface Subject {
  readonly name: string
  readonly limits: NonNullable<Pacer.Options["limits"]>
  readonly outcome: Outcome
}

const subjects: ReadonlyArray<Subject> = [
  { name: "nothing known", limits: { inFlight }, outcome: { _tag: "Accepted", headers: {} } },
  { name: "OpenAI's headers", limits: { inFlight }, outcome: { _tag: "Accepted", headers, tokens: 120 } },
  {
    name: "configured rates",
    limits: { inFlight, requestsPerMinute: 1e9, tokensPerMinute: 1e12 },
    outcome: { _tag: "Accepted", headers: {}, tokens: 120 }
  }
]

const through = ({ limits, outcome }: Subject, count: number) =>
  Effect.scoped(
    Effect.gen(function* () {
      const pacer = yield* Pacer.make({ name: "https://models.test", limits })
      return yield* micros(
        send(count, (client) => pacer.withPermit({ group: `run ${client % 2}`, tokens: 100 }, answer(outcome)))
      )
    })
  )

const perSecond = 500
const seconds = 4

/** Requests a second that real timers let through, where so many are configured. */
const kept = Effect.scoped(
  Effect.gen(function* () {
    const pacer = yield* Pacer.make({ name: "https://models.test", limits: { requestsPerMinute: perSecond * 60 } })
    const start = performance.now()
    yield* send(perSecond * seconds, () =>
      pacer.withPermit({ group: "run" }, answer({ _tag: "Accepted", headers: {} }))
    )
    return (perSecond * seconds) / ((performance.now() - start) / 1000)
  })
)

export const pacer: Benchmark = {
  name: "pacer",
  run: () =>
    Effect.runPromise(
      Effect.gen(function* () {
        const results: Array<Result> = []
        const bare = () => micros(send(requests, () => answer({ _tag: "Accepted", headers: {} })))
        for (const subject of subjects) {
          const extra: Array<number> = []
          for (let round = 0; round <= rounds; round++) {
            const without = yield* bare()
            const added = (yield* through(subject, requests)) - without
            // the first compiles the code
            if (round > 0) extra.push(added)
          }
          const figure = median(extra)
          results.push({
            benchmark: `CPU that the pacer adds to a request: ${subject.name}`,
            ours: `${figure.toFixed(1)} µs`,
            theirs: "",
            target: `<= ${target} µs`,
            met: figure <= target
          })
        }
        const rate = yield* kept
        results.push({
          benchmark: `requests a second with ${perSecond} configured`,
          ours: rate.toFixed(0),
          theirs: "",
          ratio: rate / perSecond,
          target: ">= 0.95",
          met: rate >= perSecond * 0.95
        })
        return results
      })
    )
}
