/** The header `user-agent`: which client, of which version, asks. */
import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect } from "effect"
import { type EvalsClient, retrieveEval } from "effect-evals"
import { ScriptedHttp, WireBuilder } from "effect-evals/testing"
import { packageName, packageVersion } from "../src/schema/packageVersion.ts"
import manifest from "../package.json" with { type: "json" }
import { client, evalId, userAgent } from "./support.ts"

/** The header that a client with these options sends. */
const sent = (options: EvalsClient.Options = {}, call: EvalsClient.CallOptions = {}) =>
  Effect.gen(function* () {
    yield* retrieveEval(evalId, call)
    return (yield* ScriptedHttp.requests)[0]?.headers["user-agent"]
  }).pipe(Effect.provide(client([{ body: WireBuilder.evaluation() }], options)))

afterEach(() => void vi.unstubAllGlobals())

describe("the header user-agent", () => {
  it("has the name and the version of package.json, which src/schema/packageVersion.ts repeats", () => {
    assert.deepStrictEqual([packageName, packageVersion], [manifest.name, manifest.version])
    assert.strictEqual(userAgent, `${manifest.name}/${manifest.version}`)
  })

  it.effect.each([
    ["Node", { userAgent: "Node.js/24" }],
    ["Deno", { userAgent: "Deno/2.5.0" }],
    ["a worker of Cloudflare", { userAgent: "Cloudflare-Workers" }],
    ["React Native", {}],
    ["a platform without navigator", undefined]
  ])("is sent from %s", ([, navigator]) =>
    Effect.gen(function* () {
      vi.stubGlobal("navigator", navigator)
      assert.strictEqual(yield* sent(), userAgent)
    })
  )

  it.effect.each([
    ["Chrome", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36"],
    ["Firefox", "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"]
  ])("is left to the browser in %s, where it would be dropped or cost a preflight", ([, browser]) =>
    Effect.gen(function* () {
      vi.stubGlobal("navigator", { userAgent: browser })
      assert.isUndefined(yield* sent())
    })
  )

  it.effect("is replaced by the client's own header, and that by the call's", () =>
    Effect.gen(function* () {
      const headers = { "User-Agent": "tickets/7" }
      assert.strictEqual(yield* sent({ headers }), "tickets/7")
      assert.strictEqual(yield* sent({ headers }, { headers: { "user-agent": "nightly" } }), "nightly")
    })
  )
})
