import { assert, describe, it } from "@effect/vitest"
import { goDurationMillis, readLimitHeaders } from "../../../src/engine/models/limitHeaders.ts"

const now = Date.parse("2026-01-02T03:04:05Z")

describe("durations as Go prints them", () => {
  it.each([
    ["12ms", 12],
    ["6ms", 6],
    ["1s", 1000],
    ["6m0s", 360_000],
    ["1m23s", 83_000],
    ["1h23m31s", 5_011_000],
    ["7.66s", 7660],
    ["2m59.56s", 179_560],
    ["250µs", 0.25]
  ])("%s", (text, millis) => assert.closeTo(goDurationMillis(text) ?? Number.NaN, millis, 1e-6))

  it.each(["", "12", "s", "1x", "1m 2s", "-1s"])("%j is none", (text) => assert.isUndefined(goDurationMillis(text)))
})

describe("limits in headers", () => {
  it("OpenAI's, for requests and tokens", () =>
    assert.deepStrictEqual(
      readLimitHeaders(
        {
          "x-ratelimit-limit-requests": "500",
          "x-ratelimit-remaining-requests": "499",
          "x-ratelimit-reset-requests": "120ms",
          "x-ratelimit-limit-tokens": "30000",
          "x-ratelimit-remaining-tokens": "29000",
          "x-ratelimit-reset-tokens": "2s"
        },
        now
      ),
      {
        requests: { limit: 500, remaining: 499, resetMillis: 120, coarse: false },
        tokens: { limit: 30_000, remaining: 29_000, resetMillis: 2000, coarse: false }
      }
    ))

  it.each<[string, Record<string, string>]>([
    ["three headers", { "ratelimit-limit": "100, 100;w=60", "ratelimit-remaining": "50", "ratelimit-reset": "30" }],
    ["one header", { ratelimit: "limit=100, remaining=50, reset=30" }],
    ["names with x-", { "x-ratelimit-limit": "100", "x-ratelimit-remaining": "50", "x-ratelimit-reset": "30" }]
  ])("the standard's, in %s", (_, headers) =>
    assert.deepStrictEqual(readLimitHeaders(headers, now), {
      requests: { limit: 100, remaining: 50, resetMillis: 30_000, coarse: true }
    })
  )

  it("the standard's later form", () =>
    assert.deepStrictEqual(readLimitHeaders({ ratelimit: '"default";r=50;t=30' }, now), {
      requests: { remaining: 50, resetMillis: 30_000, coarse: true }
    }))

  it("a reset that is a point in time", () => {
    const reset = (text: string) =>
      readLimitHeaders({ "x-ratelimit-remaining": "1", "x-ratelimit-reset": text }, now).requests?.resetMillis
    assert.strictEqual(reset(String(now + 1500)), 1500)
    assert.strictEqual(reset(String(now / 1000 + 20)), 20_000)
    assert.strictEqual(reset("2026-01-02T03:04:35Z"), 30_000)
  })

  it.each<[Record<string, string>, number | undefined]>([
    [{ "retry-after": "2" }, 2000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after": "Fri, 02 Jan 2026 03:05:05 GMT" }, 60_000],
    [{ "retry-after": "Fri, 02 Jan 2026 03:00:00 GMT" }, 0],
    [{ "retry-after": "2", "retry-after-ms": "150" }, 150],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined]
  ])("retry-after: %j", (headers, millis) =>
    assert.strictEqual(readLimitHeaders(headers, now).retryAfterMillis, millis)
  )

  it.each<[Record<string, string>]>([
    [{ "x-ratelimit-remaining-requests": "-1", "x-ratelimit-reset-requests": "1s" }],
    [{ "x-ratelimit-remaining-requests": "5" }],
    [{ "x-ratelimit-remaining-requests": "many", "x-ratelimit-reset-requests": "1s" }],
    [{ "x-ratelimit-remaining-requests": "5", "x-ratelimit-reset-requests": "later" }],
    [{ ratelimit: "" }]
  ])("%j says nothing", (headers) => assert.deepStrictEqual(readLimitHeaders(headers, now), {}))
})
