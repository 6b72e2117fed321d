import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import {
  bucket,
  type Endpoint,
  fixedWindow,
  openai,
  type Options,
  retryAfter,
  retryAfterMs,
  silent,
  simulate,
  standard,
  summary
} from "./lib/simulation.ts"

const seconds = 60
const learning = 10

/** Runs clients for a minute, each time with other latencies, and checks what an endpoint of 50 a second saw after ten seconds. */
const learned = (
  name: string,
  endpoint: () => Endpoint,
  least: number,
  options: Partial<Options> = {},
  seeds: ReadonlyArray<number> = [1, 2]
) =>
  it.effect.each(seeds)(`${name}, seed %i`, (seed) =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({ endpoint: endpoint(), seed, seconds, ...options })
      const { perSecond, refused } = summary(seen, learning, seconds)
      assert.isAtLeast(perSecond, least)
      assert.isBelow(refused, 0.02)
    })
  )

describe("a limit of 50 a second that is learned", () => {
  learned("token bucket", () => bucket(50, 50, silent), 47.5)
  learned("token bucket with retry-after", () => bucket(50, 50, retryAfter), 47.5)
  learned("token bucket with retry-after-ms", () => bucket(50, 50, retryAfterMs), 47.5)
  learned("token bucket with OpenAI's headers", () => bucket(50, 50, openai), 47.5)
  learned("token bucket with ratelimit-* headers", () => bucket(50, 50, standard), 47.5)
  learned("fixed window", () => fixedWindow(50, 1000, silent), 47.5)
  learned("fixed window with retry-after", () => fixedWindow(50, 1000, retryAfter), 44)
  learned("fixed window with ratelimit-* headers", () => fixedWindow(50, 1000, standard), 44)
  learned("a minute's window with ratelimit-* headers", () => fixedWindow(3000, 60_000, standard), 47.5)
  learned("a minute's window with OpenAI's headers", () => fixedWindow(3000, 60_000, openai), 47.5)
  // requests that overtake each other on the way make uneven what was sent evenly
  learned("token bucket, uneven", () => bucket(50, 50, silent), 47.5, { onTheWay: 0.5 })
  learned("fixed window with retry-after, uneven", () => fixedWindow(50, 1000, retryAfter), 44, { onTheWay: 0.5 })
  // refusals come at once, answers take their time
  learned("fixed window with retry-after, refused at once", () => fixedWindow(50, 1000, retryAfter), 44, {
    refusedAfter: 5
  })
  learned("token bucket, 32 in flight", () => bucket(50, 50, silent), 47.5, { limits: { inFlight: 32 } })
})

describe("other limits", () => {
  it.effect("one of 5 a second is found as well", () =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({ endpoint: bucket(5, 5, silent), seed: 1, seconds: 120 })
      const { perSecond, refused } = summary(seen, 60, 120)
      assert.isAtLeast(perSecond, 4.75)
      assert.isBelow(refused, 0.02)
    })
  )

  it.effect("one of 3 a second is found where answers take ten seconds and refusals come at once", () =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({
        endpoint: bucket(3, 3, silent),
        seed: 1,
        seconds: 180,
        latency: [5000, 15_000],
        refusedAfter: 80
      })
      const { perSecond, refused } = summary(seen, 60, 180)
      assert.isAtLeast(perSecond, 2.85)
      assert.isBelow(refused, 0.03)
    })
  )

  it.effect("one that rises is followed", () =>
    Effect.gen(function* () {
      const [slow, fast] = [bucket(20, 20, silent), bucket(100, 100, silent)]
      const endpoint: Endpoint = (now) => (now < 60_000 ? slow : fast)(now)
      const { seen } = yield* simulate({ endpoint, seed: 1, seconds: 240 })
      assert.isAtLeast(summary(seen, 10, 60).perSecond, 19)
      assert.isAtLeast(summary(seen, 200, 240).perSecond, 90)
    })
  )

  it.effect("one that falls is followed at once", () =>
    Effect.gen(function* () {
      const [fast, slow] = [bucket(100, 100, silent), bucket(20, 1, silent)]
      const endpoint: Endpoint = (now) => (now < 30_000 ? fast : slow)(now)
      const { seen } = yield* simulate({ endpoint, seed: 1, seconds: 90 })
      const { perSecond, refused } = summary(seen, 40, 90)
      assert.isAtLeast(perSecond, 18)
      assert.isBelow(refused, 0.04)
    })
  )

  it.effect("a minute's window that says nothing costs few refusals while it is used up", () =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({ endpoint: fixedWindow(600, 60_000, silent), seed: 1, seconds: 300 })
      const { perSecond, refused } = summary(seen, 60, 300)
      assert.isAtLeast(perSecond, 9)
      assert.isBelow(refused, 0.05)
    })
  )

  it.effect("none is no limit", () =>
    Effect.gen(function* () {
      const free: Endpoint = () => ({ refused: false, headers: {} })
      const { pacer, seen } = yield* simulate({ endpoint: free, seed: 1, seconds: 20, latency: [200, 200] })
      assert.strictEqual(summary(seen, 10, 20).perSecond, 64 / 0.2)
      assert.isUndefined(pacer.stats().pacePerSecond)
    })
  )
})

describe("limits that are configured", () => {
  it.effect("requests a minute are kept from the first on", () =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({
        endpoint: bucket(50, 50, silent),
        seed: 1,
        seconds: 30,
        limits: { inFlight: 64, requestsPerMinute: 3000 }
      })
      assert.deepStrictEqual(
        seen.filter(({ refused }) => refused),
        []
      )
      assert.isAtLeast(summary(seen, 1, 30).perSecond, 49)
    })
  )
})

describe("two runs", () => {
  it.effect.each([1, 2])("have half of a learned limit each, seed %i", (seed) =>
    Effect.gen(function* () {
      const { seen } = yield* simulate({ endpoint: bucket(50, 50, silent), seed, seconds: 30, groups: ["a", "b"] })
      const taken = seen.filter(({ refused }) => !refused)
      const share = taken.filter(({ group }) => group === "a").length / taken.length
      assert.isAtLeast(share, 0.45)
      assert.isAtMost(share, 0.55)
    })
  )

  it.effect("have half of the places in flight each, however many rows of each wait", () =>
    Effect.gen(function* () {
      const free: Endpoint = () => ({ refused: false, headers: {} })
      const groups = ["a", "a", "a", "b"]
      const { seen } = yield* simulate({ endpoint: free, seed: 1, seconds: 20, groups, limits: { inFlight: 16 } })
      const share = seen.filter(({ group }) => group === "a").length / seen.length
      assert.isAtLeast(share, 0.45)
      assert.isAtMost(share, 0.55)
    })
  )
})
