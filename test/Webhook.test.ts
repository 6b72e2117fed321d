import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Redacted, Schema } from "effect"
import { Webhook } from "effect-evals"
import { Headers as EffectHeaders } from "effect/http"
import { TestClock } from "effect/testing"
import { body, event, headersFor, hmac, now, whsec } from "./fixtures/webhook.ts"
import { untyped } from "./support.ts"

const secret = Redacted.make(whsec)

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

/** What `unwrap` makes of a webhook: the event's type, or the reason of the refusal. */
const outcome = (options: Partial<Webhook.Options> = {}) =>
  Webhook.unwrap({ body, headers: headersFor(), secret, ...options }).pipe(
    Effect.map((found) => `accepted ${found.type}`),
    Effect.catchTag("WebhookError", (error) => Effect.succeed(error.reason))
  )

const accepted = "accepted eval.run.succeeded"

describe("Webhook.unwrap", () => {
  it.effect("gives the event of a webhook that is signed with the secret", () =>
    Effect.gen(function* () {
      yield* at(now)
      const found = yield* Webhook.unwrap({ body, headers: headersFor(), secret })
      assert.deepStrictEqual<unknown>(found, event)
      if (found.type === "eval.run.succeeded") assert.strictEqual(found.data.id, "evalrun_1")
    })
  )

  it.effect("keeps events of other types, and fields that are not known, as they are", () =>
    Effect.gen(function* () {
      yield* at(now)
      const other = { id: "evt_2", type: "batch.completed", created_at: now, data: { id: "batch_1", extra: [1, null] } }
      const sent = JSON.stringify(other)
      const found = yield* Webhook.unwrap({ body: sent, headers: headersFor({ body: sent }), secret })
      assert.deepStrictEqual<unknown>(found, other)
    })
  )

  it.effect("takes the bytes of a body, whatever characters it holds", () =>
    Effect.gen(function* () {
      yield* at(now)
      const sent = JSON.stringify({ ...event, note: "Größe 漢字 🙂" })
      const bytes = new TextEncoder().encode(sent)
      const padded = new Uint8Array(bytes.length + 8)
      padded.set(bytes, 4)
      const headers = headersFor({ body: sent })
      assert.strictEqual(yield* outcome({ body: bytes, headers }), accepted)
      // a view into a larger buffer, as servers hand them out
      assert.strictEqual(yield* outcome({ body: padded.subarray(4, 4 + bytes.length), headers }), accepted)
      assert.strictEqual(yield* outcome({ body: sent, headers }), accepted)
    })
  )

  it.effect.each([
    ["an object", event],
    ["a list", [event]],
    ["a request", new Request("http://host/", { method: "POST", body })],
    ["an ArrayBuffer", new ArrayBuffer(8)],
    ["null", null],
    ["undefined", undefined],
    ["a number", 7]
  ])("refuses a body that is no raw text and says to pass that: %s", ([, parsed]) =>
    Effect.gen(function* () {
      yield* at(now)
      for (const check of [Webhook.unwrap, Webhook.verify]) {
        const error = yield* Effect.flip(check({ body: untyped(parsed), headers: headersFor(), secret }))
        assert.strictEqual(error._tag, "WebhookError")
        assert.strictEqual(error.reason, "InvalidPayload")
        assert.match(
          error.message,
          /^option body is .*: pass the raw text of the request, .* before anything parses it$/
        )
      }
    })
  )

  it.effect.each([undefined, null, 7, "text"])(
    "refuses options that are none, and says to pass a body: %s",
    (options) =>
      Effect.gen(function* () {
        for (const check of [Webhook.unwrap, Webhook.verify]) {
          const error = yield* Effect.flip(check(untyped(options)))
          assert.strictEqual(error._tag, "WebhookError")
          assert.strictEqual(error.reason, "InvalidPayload")
          assert.match(error.message, /^option body is of type undefined.*: pass the raw text of the request/)
        }
      })
  )

  it.effect("refuses the bytes of a buffer that was transferred", () =>
    Effect.gen(function* () {
      const bytes = new TextEncoder().encode(body)
      structuredClone(bytes.buffer, { transfer: [bytes.buffer] })
      assert.strictEqual(yield* outcome({ body: bytes }), "InvalidPayload")
    })
  )

  it.effect("refuses headers that cannot be searched, and names the header that is wanted", () =>
    Effect.gen(function* () {
      const noText: object = { __proto__: null }
      for (const headers of [[1], [[7, "text"]], [null], { "webhook-id": noText }, { "webhook-id": [noText] }]) {
        const error = yield* Effect.flip(Webhook.verify({ body, headers: untyped(headers), secret }))
        assert.strictEqual(error.reason, "MissingHeader")
        assert.match(error.message, /^option headers cannot be searched for webhook-id: pass a record of texts/)
      }
    })
  )

  it.effect("refuses headers and secrets of a program without types, each by its reason", () =>
    Effect.gen(function* () {
      yield* at(now)
      for (const headers of [undefined, null, "webhook-id: 1", 7, { ...headersFor(), "webhook-id": null }]) {
        assert.strictEqual(yield* outcome({ headers: untyped(headers) }), "MissingHeader")
      }
      assert.strictEqual(yield* outcome({ headers: untyped({ ...headersFor(), "webhook-timestamp": now }) }), accepted)
      for (const wrong of [whsec, undefined, Redacted.make(undefined)]) {
        assert.strictEqual(yield* outcome({ secret: untyped(wrong) }), "InvalidSecret")
      }
    })
  )

  it.effect("refuses bodies that are signed but no event", () =>
    Effect.gen(function* () {
      yield* at(now)
      const refused = (sent: string) =>
        Webhook.unwrap({ body: sent, headers: headersFor({ body: sent }), secret }).pipe(Effect.flip)
      const noJson = yield* refused("{oops")
      assert.strictEqual(noJson.reason, "InvalidPayload")
      assert.match(noJson.message, /body is no JSON/)
      const noRun = yield* refused(JSON.stringify({ ...event, data: { id: 7 } }))
      assert.strictEqual(noRun.reason, "InvalidPayload")
      assert.match(noRun.message, /data\.id: expected/)
      for (const sent of ["null", "[]", "{}", '"text"', ""]) {
        assert.strictEqual((yield* refused(sent)).reason, "InvalidPayload", sent)
      }
    })
  )

  it.effect("refuses signed bytes that are no UTF-8", () =>
    Effect.gen(function* () {
      yield* at(now)
      const bytes = Buffer.from(body.replace("evt_1", "evt_\xff"), "latin1")
      const signature = hmac(Buffer.concat([Buffer.from(`msg_1.${now}.`), bytes]))
      const headers = { ...headersFor(), "webhook-signature": `v1,${signature}` }
      assert.strictEqual(yield* outcome({ body: bytes, headers }), "InvalidPayload")
      yield* Webhook.verify({ body: bytes, headers, secret })
    })
  )
})

describe("Webhook.verify", () => {
  it.effect("refuses a body, an id or a time that is not the signed one", () =>
    Effect.gen(function* () {
      yield* at(now)
      const headers = headersFor()
      assert.strictEqual(yield* outcome({ headers }), accepted)
      assert.strictEqual(yield* outcome({ body: `${body} `, headers }), "SignatureMismatch")
      assert.strictEqual(yield* outcome({ headers: { ...headers, "webhook-id": "msg_2" } }), "SignatureMismatch")
      assert.strictEqual(
        yield* outcome({ headers: { ...headers, "webhook-timestamp": String(now + 1) } }),
        "SignatureMismatch"
      )
      assert.strictEqual(yield* outcome({ secret: Redacted.make("another secret") }), "SignatureMismatch")
    })
  )

  it.effect("takes any of several signatures while a secret is replaced", () =>
    Effect.gen(function* () {
      yield* at(now)
      const mine = headersFor()["webhook-signature"]
      const other = headersFor({ key: "the old key" })["webhook-signature"]
      const signed = (signature: string) => outcome({ headers: { ...headersFor(), "webhook-signature": signature } })
      assert.strictEqual(yield* signed(`${other} ${mine}`), accepted)
      assert.strictEqual(yield* signed(`${mine} ${other}`), accepted)
      assert.strictEqual(yield* signed(`v2,${"A".repeat(44)} v1a,AAAA v1,not*base64 v1, ${mine}`), accepted)
      assert.strictEqual(yield* signed(`${other} ${other}`), "SignatureMismatch")
      // a signature of the right bytes counts under version 1 only
      assert.strictEqual(yield* signed(mine.replace("v1,", "v2,")), "SignatureMismatch")
      assert.strictEqual(yield* signed("v1,"), "SignatureMismatch")
      assert.strictEqual(yield* signed(mine.slice(0, -4)), "SignatureMismatch")
    })
  )

  it.effect("looks at 32 signatures and no more", () =>
    Effect.gen(function* () {
      yield* at(now)
      const mine = headersFor()["webhook-signature"]
      const other = headersFor({ key: "the old key" })["webhook-signature"]
      const after = (count: number) =>
        outcome({
          headers: { ...headersFor(), "webhook-signature": `${`${other} `.repeat(count)}${mine}` }
        })
      assert.strictEqual(yield* after(31), accepted)
      assert.strictEqual(yield* after(32), "SignatureMismatch")
    })
  )

  it.effect("takes a time at the limit and refuses one a second beyond it, on both sides", () =>
    Effect.gen(function* () {
      const sentAt = (offset: number, tolerance?: Webhook.Options["tolerance"]) =>
        outcome({ headers: headersFor({ timestamp: now + offset }), ...(tolerance === undefined ? {} : { tolerance }) })
      yield* at(now)
      assert.strictEqual(yield* sentAt(-300), accepted)
      assert.strictEqual(yield* sentAt(300), accepted)
      assert.strictEqual(yield* sentAt(-301), "TimestampOutOfTolerance")
      assert.strictEqual(yield* sentAt(301), "TimestampOutOfTolerance")
      assert.strictEqual(yield* sentAt(-60, "1 minute"), accepted)
      assert.strictEqual(yield* sentAt(-61, "1 minute"), "TimestampOutOfTolerance")
      assert.strictEqual(yield* sentAt(0, 0), accepted)
      assert.strictEqual(yield* sentAt(-1, 0), "TimestampOutOfTolerance")
      assert.strictEqual(yield* sentAt(-1_000_000, "Infinity"), accepted)
      // the clock's whole seconds count, as the header's do
      yield* TestClock.setTime(now * 1000 + 999)
      assert.strictEqual(yield* sentAt(-300), accepted)
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* sentAt(-300), "TimestampOutOfTolerance")
    })
  )

  it.effect("says how far off the time is, and what a time looks like", () =>
    Effect.gen(function* () {
      yield* at(now)
      const message = (timestamp: string | number) =>
        Webhook.verify({ body, headers: headersFor({ timestamp }), secret }).pipe(
          Effect.flip,
          Effect.map((error) => error.message)
        )
      assert.match(yield* message(now - 1000), /1000 s before this machine's clock, and 5m are allowed/)
      assert.match(yield* message(now + 1000), /1000 s after this machine's clock/)
      for (const timestamp of ["yesterday", "-5", "1e9", "1760000000.5", "0x10", "9".repeat(400)]) {
        const text = yield* message(timestamp)
        assert.match(text, /no time in Unix seconds/)
        assert.isBelow(text.length, 200)
      }
    })
  )

  it.effect("reads headers in any letter case, from Node, the web and Effect", () =>
    Effect.gen(function* () {
      yield* at(now)
      const headers = headersFor()
      const signature = headers["webhook-signature"]
      const upper = {
        "WEBHOOK-ID": headers["webhook-id"],
        "Webhook-Timestamp": headers["webhook-timestamp"],
        "webhook-Signature": signature
      }
      const other = headersFor({ key: "the old key" })["webhook-signature"]
      const web = new Headers(headers)
      web.delete("webhook-signature")
      // joined by a comma, which is no part of the first signature
      web.append("webhook-signature", signature)
      web.append("webhook-signature", other)
      const given: ReadonlyArray<Webhook.HeadersInput> = [
        upper,
        new Headers(upper),
        EffectHeaders.fromInput(upper),
        Object.entries(upper),
        { ...headers, "webhook-signature": [other, signature], "content-length": undefined },
        web
      ]
      for (const input of given) {
        assert.strictEqual(yield* outcome({ headers: input }), accepted)
      }
    })
  )

  it.effect("names the header that is missing or empty", () =>
    Effect.gen(function* () {
      yield* at(now)
      for (const name of ["webhook-id", "webhook-timestamp", "webhook-signature"]) {
        for (const value of [undefined, ""]) {
          const error = yield* Effect.flip(
            Webhook.verify({ body, headers: { ...headersFor(), [name]: value }, secret })
          )
          assert.strictEqual(error.reason, "MissingHeader")
          assert.include(error.message, name)
        }
      }
    })
  )

  it.effect("takes a secret with or without whsec_, and says what is wrong with one", () =>
    Effect.gen(function* () {
      yield* at(now)
      const plain = "a plain signing secret"
      assert.strictEqual(
        yield* outcome({ headers: headersFor({ key: plain }), secret: Redacted.make(plain) }),
        accepted
      )
      assert.strictEqual(yield* outcome({ secret: Redacted.make(whsec.replace(/=+$/, "")) }), accepted)
      const keyed = Buffer.from([251, 255, 254, 1, 2, 3])
      assert.strictEqual(
        yield* outcome({
          headers: headersFor({ key: keyed }),
          secret: Redacted.make(`whsec_${keyed.toString("base64url")}`)
        }),
        accepted
      )
      const wiped = Redacted.make("gone")
      Redacted.wipeUnsafe(wiped)
      for (const bad of [Redacted.make(""), Redacted.make("whsec_"), Redacted.make("whsec_not*base64"), wiped]) {
        assert.strictEqual(yield* outcome({ secret: bad }), "InvalidSecret")
      }
    })
  )

  it.effect("keeps the secret out of every error", () =>
    Effect.gen(function* () {
      yield* at(now)
      const hidden = "S3CRET-S3CRET-S3CRET"
      const failures = [
        { headers: {} },
        { headers: { ...headersFor(), "webhook-timestamp": "x" } },
        { headers: { ...headersFor(), "webhook-timestamp": "1" } },
        { secret: Redacted.make(`whsec_${hidden}*`) },
        {},
        { body: "{", headers: headersFor({ body: "{", key: hidden }) }
      ]
      const reasons = new Set<string>()
      for (const options of failures) {
        const error = yield* Webhook.unwrap({
          body,
          headers: headersFor(),
          secret: Redacted.make(hidden),
          ...options
        }).pipe(Effect.flip)
        reasons.add(error.reason)
        assert.notInclude(`${error.message}${JSON.stringify(error)}${String(error)}${error.stack}`, hidden)
      }
      assert.strictEqual(reasons.size, 5)
    })
  )

  const runs = { arbitrary: { runs: 300 } }

  it.effect.prop(
    "accepts whatever is signed as it should be",
    { content: Schema.String, id: Schema.NonEmptyString, signingKey: Schema.NonEmptyString },
    ({ content, id, signingKey }) =>
      Effect.gen(function* () {
        yield* at(now)
        const plain = `key ${signingKey}`
        const headers = headersFor({ body: content, id, key: plain })
        yield* Webhook.verify({ body: content, headers, secret: Redacted.make(plain) })
        yield* Webhook.verify({ body: Buffer.from(content), headers, secret: Redacted.make(plain) })
      }),
    runs
  )

  it.effect.prop(
    "answers any input with an error of its own, never with a defect",
    {
      content: Schema.Union([Schema.String, Schema.Uint8Array]),
      id: Schema.String,
      timestamp: Schema.Union([Schema.String, Schema.Literals(["0", "300"])]),
      signature: Schema.String,
      text: Schema.String,
      tolerance: Schema.Union([Schema.Number, Schema.Literals(["5 minutes", "Infinity", "-Infinity"])])
    },
    ({ content, id, signature, text, timestamp, tolerance }) =>
      Effect.gen(function* () {
        const headers = {
          "webhook-id": id,
          "webhook-timestamp": timestamp,
          "webhook-signature": `v1,${signature} ${signature}`
        }
        for (const given of [text, `whsec_${text}`, whsec]) {
          const options = { body: content, headers, secret: Redacted.make(given), tolerance }
          const exit = yield* Effect.exit(Webhook.unwrap(options))
          assert.isTrue(Exit.isFailure(exit) && !Cause.hasDies(exit.cause))
        }
      }),
    runs
  )
})
