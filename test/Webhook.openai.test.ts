import { afterEach, assert, describe, it, vi } from "@effect/vitest"
import { Effect, Exit, Redacted } from "effect"
import { Webhook } from "effect-evals"
import { TestClock } from "effect/testing"
import OpenAI from "openai"
import { body, headersFor, now, whsec } from "./fixtures/webhook.ts"

describe("openai-node's webhooks.unwrap", () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const client = new OpenAI({ apiKey: "unused" })

  /** Both verdicts at one time on both clocks. */
  const verdicts = (options: {
    readonly body?: string
    readonly headers: { readonly [name: string]: string }
    readonly secret?: string
    readonly seconds?: number
  }) =>
    Effect.gen(function* () {
      const millis = options.seconds === undefined ? now * 1000 : options.seconds * 1000
      vi.useFakeTimers({ toFake: ["Date"], now: millis })
      yield* TestClock.setTime(millis)
      const { secret: text = whsec } = options
      const sent = options.body ?? body
      const theirs = yield* Effect.tryPromise(() => client.webhooks.unwrap(sent, { ...options.headers }, text)).pipe(
        Effect.exit
      )
      const ours = yield* Effect.exit(
        Webhook.unwrap({ body: sent, headers: options.headers, secret: Redacted.make(text) })
      )
      if (Exit.isSuccess(theirs) && Exit.isSuccess(ours)) {
        assert.deepStrictEqual<unknown>(ours.value, theirs.value)
      }
      return [Exit.isSuccess(theirs), Exit.isSuccess(ours)]
    })

  const headers = headersFor()
  const signature = headers["webhook-signature"]
  const other = headersFor({ key: "the old key" })["webhook-signature"]
  const signed = (text: string) => ({ ...headers, "webhook-signature": text })
  const cases: ReadonlyArray<readonly [string, boolean, Parameters<typeof verdicts>[0]]> = [
    ["a genuine webhook", true, { headers }],
    ["a plain secret", true, { headers: headersFor({ key: "plain" }), secret: "plain" }],
    ["a secret without padding", true, { headers, secret: whsec.replace(/=+$/, "") }],
    ["the second of two signatures", true, { headers: signed(`${other} ${signature}`) }],
    ["a signature among unknown versions", true, { headers: signed(`v3,zzzz ${signature}`) }],
    ["a signature without a version", true, { headers: signed(signature.slice(3)) }],
    ["two headers joined by a comma", true, { headers: signed(`${other}, ${signature}`) }],
    [
      "header names in capitals",
      true,
      { headers: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.toUpperCase(), v])) }
    ],
    [
      "a body of many scripts",
      true,
      {
        body: '{"id":"e","type":"x","created_at":1,"data":{"t":"漢字🙂é"}}',
        headers: headersFor({ body: '{"id":"e","type":"x","created_at":1,"data":{"t":"漢字🙂é"}}' })
      }
    ],
    ["the last second before it is too old", true, { headers, seconds: now + 300 }],
    ["the first second after it", false, { headers, seconds: now + 301 }],
    ["the last second of the future", true, { headers, seconds: now - 300 }],
    ["one second further", false, { headers, seconds: now - 301 }],
    ["a changed body", false, { body: body.replace("succeeded", "failed"), headers }],
    ["a changed id", false, { headers: { ...headers, "webhook-id": "msg_2" } }],
    ["a changed time", false, { headers: { ...headers, "webhook-timestamp": String(now - 1) } }],
    ["another secret", false, { headers, secret: "whsec_AAAA" }],
    ["an empty secret", false, { headers, secret: "" }],
    ["a secret that is only a prefix", false, { headers, secret: "whsec_" }],
    ["a time that is no number", false, { headers: headersFor({ timestamp: "soon" }) }],
    ["a signature that is no base64", false, { headers: signed("v1,***") }],
    ["an empty signature", false, { headers: signed("") }],
    ["no signature header", false, { headers: { "webhook-id": "msg_1", "webhook-timestamp": String(now) } }],
    ["no id header", false, { headers: { "webhook-timestamp": String(now), "webhook-signature": signature } }],
    ["no time header", false, { headers: { "webhook-id": "msg_1", "webhook-signature": signature } }],
    ["a signed body that is no JSON", false, { body: "{", headers: headersFor({ body: "{" }) }]
  ]

  for (const [name, verdict, options] of cases) {
    it.effect(`and Webhook.unwrap ${verdict ? "accept" : "refuse"} ${name}`, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* verdicts(options), [verdict, verdict])
      })
    )
  }
})
