/** Requests that are sent again make no second object; what is another request is not taken for the same. */
import { assert, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { EvalsTest } from "effect-evals/testing/engine"
import type OpenAI from "openai"
import { type Answer, at, definition, label, over, row, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"
import { layer as served, openai } from "./lib/served.ts"

const idOf = (answer: Answer): string => String(at(answer.json, "id"))

const anEval = Effect.map(send("POST", "/evals", definition()), idOf)

/** What is created, and how: `text` is another for each `n` and each `about`. */
const creations = [
  {
    kind: "evals",
    status: 201,
    at: () => "/evals",
    text: (n: number, about: string) => JSON.stringify({ ...definition(), name: `${about} ${n}` }),
    headers: {}
  },
  {
    kind: "runs",
    status: 201,
    at: (evalId: string) => `/evals/${evalId}/runs`,
    text: (n: number, about: string) => JSON.stringify(over([row(true, { n, about })])),
    headers: {}
  },
  {
    kind: "files",
    status: 200,
    at: () => "/files",
    text: (n: number, about: string) => upload(`${about} ${n}`),
    headers: formHeaders()
  }
] as const

let used = 0

/** A list to create in, a key and requests that no other test has. */
const fresh = ({ at: pathOf, text }: (typeof creations)[number]) =>
  Effect.map(anEval, (evalId) => {
    const n = used++
    return {
      path: pathOf(evalId),
      body: text(n, "one"),
      other: text(n, "another"),
      key: { "idempotency-key": `k${n}` },
      nextKey: { "idempotency-key": `l${n}` }
    }
  })

const listed = (path: string) =>
  Effect.map(send("GET", path), ({ json }) => [at(json, "data")].flat().map((one) => at(one, "id")))

const deletion = (path: string, id: string) => Effect.map(send("DELETE", `${path}/${id}`), ({ status }) => status)

for (const creation of creations) {
  const { headers, kind, status } = creation
  layer(EvalsTest.layer)(`a request that creates one of the ${kind}`, (it) => {
    const create = (path: string, text: string, more: Readonly<Record<string, string>>) =>
      send("POST", path, text, { ...headers, ...more })

    it.effect("and is sent again with its key, returns the created object", () =>
      Effect.gen(function* () {
        const { body, key, path } = yield* fresh(creation)
        const before = (yield* listed(path)).length
        const first = yield* create(path, body, key)
        const again = yield* create(path, body, key)
        const counted = yield* create(path, body, { ...key, "x-stainless-retry-count": "2" })
        assert.deepStrictEqual([first.status, again.status, counted.status], [status, status, status])
        assert.deepStrictEqual([idOf(again), idOf(counted)], [idOf(first), idOf(first)])
        assert.strictEqual((yield* listed(path)).length, before + 1)
      })
    )

    it.effect("and has the key of a different request, is refused without a retry", () =>
      Effect.gen(function* () {
        const { body, key, nextKey, other, path } = yield* fresh(creation)
        const before = (yield* listed(path)).length
        const first = yield* create(path, body, key)
        const refused = yield* create(path, other, key)
        assert.strictEqual(refused.status, 409)
        assert.strictEqual(refused.headers.get("x-should-retry"), "false")
        assert.deepStrictEqual(refused.json, {
          error: {
            message:
              `The Idempotency-Key "${key["idempotency-key"]}" was used for another request, which created ${idOf(first)}. ` +
              "Send each request with a key of its own.",
            type: "conflict_error",
            param: null,
            code: "idempotency_key_in_use"
          }
        })
        assert.strictEqual((yield* create(path, other, nextKey)).status, status)
        assert.strictEqual((yield* listed(path)).length, before + 2)
      })
    )

    it.effect("and is sent 20 times at once with one key, creates one object", () =>
      Effect.gen(function* () {
        const { body, key, path } = yield* fresh(creation)
        const before = (yield* listed(path)).length
        const sent = Array.from({ length: 20 }, () => create(path, body, key))
        const answers = yield* Effect.all(sent, { concurrency: "unbounded" })
        assert.strictEqual(new Set(answers.map(idOf)).size, 1)
        assert.deepStrictEqual([...new Set(answers.map((answer) => answer.status))], [status])
        assert.strictEqual((yield* listed(path)).length, before + 1)
      })
    )

    it.effect("and says that it is a retry, counts as one for 15 minutes", () =>
      Effect.gen(function* () {
        const { body, other, path } = yield* fresh(creation)
        const first = yield* create(path, body, { "x-stainless-retry-count": "0" })
        const again = create(path, body, { "x-stainless-retry-count": "1" })
        assert.strictEqual(idOf(yield* again), idOf(first))
        assert.notStrictEqual(idOf(yield* create(path, other, { "x-stainless-retry-count": "1" })), idOf(first))
        yield* TestClock.adjust("15 minutes")
        assert.strictEqual(idOf(yield* again), idOf(first))
        yield* TestClock.adjust("1 second")
        const late = yield* again
        assert.strictEqual(late.status, status)
        assert.notStrictEqual(idOf(late), idOf(first))
        assert.strictEqual(idOf(yield* again), idOf(late))
      })
    )

    it.effect("and is sent 20 times at once as a retry, creates one object", () =>
      Effect.gen(function* () {
        const { body, path } = yield* fresh(creation)
        const sent = Array.from({ length: 20 }, () => create(path, body, { "x-stainless-retry-count": "1" }))
        const answers = yield* Effect.all(sent, { concurrency: "unbounded" })
        assert.strictEqual(new Set(answers.map(idOf)).size, 1)
      })
    )

    it.effect("and does not say that it is a retry, creates another object each time", () =>
      Effect.gen(function* () {
        const { body, key, nextKey, path } = yield* fresh(creation)
        const ids = [
          idOf(yield* create(path, body, {})),
          idOf(yield* create(path, body, {})),
          idOf(yield* create(path, body, { "x-stainless-retry-count": "0" })),
          idOf(yield* create(path, body, { "x-stainless-retry-count": "many" })),
          idOf(yield* create(path, body, key)),
          idOf(yield* create(path, body, nextKey))
        ]
        assert.strictEqual(new Set(ids).size, 6)
      })
    )

    it.effect("does not restore a deleted object while its key is stored", () =>
      Effect.gen(function* () {
        const { body, key, nextKey, other, path } = yield* fresh(creation)
        const first = yield* create(path, body, key)
        assert.strictEqual(yield* deletion(path, idOf(first)), 200)
        const before = yield* listed(path)
        for (const text of [body, other]) {
          const again = yield* create(path, text, key)
          assert.deepStrictEqual([again.status, at(again.json, "error", "code")], [409, "idempotency_key_in_use"])
          assert.strictEqual(again.headers.get("x-should-retry"), "false")
          assert.include(String(at(again.json, "error", "message")), `created ${idOf(first)}`)
        }
        assert.deepStrictEqual(yield* listed(path), before)
        assert.strictEqual((yield* create(path, body, nextKey)).status, status)
        yield* TestClock.adjust("25 hours")
        assert.strictEqual((yield* create(path, body, key)).status, status)
      })
    )

    it.effect("creates a deleted object again if it has no key and only says that it is a retry", () =>
      Effect.gen(function* () {
        const { body, path } = yield* fresh(creation)
        const first = yield* create(path, body, {})
        assert.strictEqual(yield* deletion(path, idOf(first)), 200)
        const repeated = yield* create(path, body, { "x-stainless-retry-count": "1" })
        assert.strictEqual(repeated.status, status)
        assert.notStrictEqual(idOf(repeated), idOf(first))
      })
    )

    it.effect("is forgotten after a day", () =>
      Effect.gen(function* () {
        const { body, key, other, path } = yield* fresh(creation)
        const first = yield* create(path, body, key)
        yield* TestClock.adjust("24 hours")
        assert.strictEqual(idOf(yield* create(path, body, key)), idOf(first))
        yield* TestClock.adjust("1 second")
        const other1 = yield* create(path, other, key)
        assert.strictEqual(other1.status, status)
        assert.notStrictEqual(idOf(other1), idOf(first))
      })
    )
  })
}

it.effect("a request that was refused leaves its key free", () =>
  Effect.gen(function* () {
    const key = { "idempotency-key": "k" }
    assert.strictEqual((yield* send("POST", "/evals", { testing_criteria: [] }, key)).status, 400)
    assert.strictEqual((yield* send("POST", "/evals", definition(), key)).status, 201)
    const evalId = yield* anEval
    const runs = `/evals/${evalId}/runs`
    assert.strictEqual((yield* send("POST", runs, over([]), key)).status, 400)
    assert.strictEqual((yield* send("POST", runs, over([row(true)]), key)).status, 201)
    const upload400 = yield* send("POST", "/files", form([file("one")]), { ...formHeaders(), ...key })
    assert.strictEqual(upload400.status, 400)
    assert.strictEqual((yield* send("POST", "/files", upload("one"), { ...formHeaders(), ...key })).status, 200)
  }).pipe(Effect.provide(EvalsTest.layer))
)

it.effect("a key belongs to one list: evals, files, and the runs of each eval have their own keys", () =>
  Effect.gen(function* () {
    const key = { "idempotency-key": "k" }
    const first = idOf(yield* send("POST", "/evals", definition(), key))
    const second = yield* anEval
    const runs = [first, second].map((evalId) => send("POST", `/evals/${evalId}/runs`, over([row(true)]), key))
    const [one, two] = yield* Effect.all(runs)
    const uploaded = yield* send("POST", "/files", upload("one"), { ...formHeaders(), ...key })
    assert.deepStrictEqual([one?.status, two?.status, uploaded.status], [201, 201, 200])
    assert.notStrictEqual(at(one?.json, "id"), at(two?.json, "id"))
  }).pipe(Effect.provide(EvalsTest.layer))
)

it.effect("an upload is recognised in any encoding of its form, and differs with another name, purpose or expiry", () =>
  Effect.gen(function* () {
    const put = (body: string, boundary = "b") =>
      send("POST", "/files", body, { ...formHeaders(boundary), "idempotency-key": "k" })
    const purpose = field("purpose", "evals")
    const first = yield* put(form([purpose, file("one")]))
    for (const same of [
      yield* put(form([purpose, file("one")], "another"), "another"),
      yield* put(form([file("one"), purpose])),
      yield* put(form([purpose, field("unknown", "1"), file("one")]))
    ]) {
      assert.deepStrictEqual([same.status, idOf(same)], [200, idOf(first)])
    }
    for (const another of [
      form([purpose, file("one", "other.jsonl")]),
      form([field("purpose", "batch"), file("one")]),
      form([
        purpose,
        field("expires_after[anchor]", "created_at"),
        field("expires_after[seconds]", "3600"),
        file("one")
      ]),
      form([purpose, file("one ")])
    ]) {
      assert.strictEqual((yield* put(another)).status, 409)
    }
  }).pipe(Effect.provide(EvalsTest.layer))
)

// the answer is lost on its way, after the server has done what it was asked for
const losing = (times: number) => {
  const sent: Array<string> = []
  let left = times
  const fetchOf: typeof globalThis.fetch = async (input, init) => {
    const answer = await fetch(input, init)
    const headers = new Headers(init?.headers)
    if (init?.method?.toUpperCase() === "POST") {
      sent.push(`${headers.get("x-stainless-retry-count")} ${answer.status}`)
      if (left-- > 0) {
        await answer.text()
        throw new TypeError("fetch failed")
      }
    }
    return answer
  }
  return { sent, fetch: fetchOf }
}

layer(served(), { excludeTestServices: true })("openai-node, which loses a response and retries", (it) => {
  it.effect("creates one eval, one run and one file, although each form has another boundary", () =>
    Effect.gen(function* () {
      const asking = <A>(use: (client: OpenAI) => Promise<A>) =>
        Effect.gen(function* () {
          const { fetch: fetchOf, sent } = losing(1)
          const client = yield* openai({ fetch: fetchOf, maxRetries: 2 })
          return { made: yield* Effect.promise(() => use(client)), sent }
        })
      const first = yield* asking((client) =>
        client.evals.create({
          data_source_config: { type: "custom", item_schema: { type: "object" } },
          testing_criteria: [label]
        })
      )
      assert.deepStrictEqual(first.sent, ["0 201", "1 201"])
      const client = yield* openai()
      const evals = yield* Effect.promise(() => client.evals.list())
      assert.deepStrictEqual(
        evals.data.map(({ id }) => id),
        [first.made.id]
      )
      const run = yield* asking((flaky) =>
        flaky.evals.runs.create(first.made.id, {
          data_source: {
            type: "jsonl",
            source: { type: "file_content", content: [{ item: { label: "yes" }, sample: { output_text: "yes" } }] }
          }
        })
      )
      assert.deepStrictEqual(run.sent, ["0 201", "1 201"])
      const runs = yield* Effect.promise(() => client.evals.runs.list(first.made.id))
      assert.deepStrictEqual(
        runs.data.map(({ id }) => id),
        [run.made.id]
      )
      const uploaded = yield* asking((flaky) =>
        flaky.files.create({ file: new File(['{"item":{}}\n'], "rows.jsonl"), purpose: "evals" })
      )
      assert.deepStrictEqual(uploaded.sent, ["0 200", "1 200"])
      const files = yield* Effect.promise(() => client.files.list())
      assert.deepStrictEqual(
        files.data.map(({ id }) => id),
        [uploaded.made.id]
      )
    })
  )
})
