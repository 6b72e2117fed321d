/** Lists page by page, and keys and parameters that the API does not name. */
import { assert, it, layer } from "@effect/vitest"
import { Effect, Layer, Logger } from "effect"
import { TestClock } from "effect/testing"
import { EvalsTest } from "effect-evals/testing/engine"
import { parseWarnings } from "../../src/cli/withWarnings.ts"
import { at, definition, evaluated, label, over, row, send } from "../behaviour/lib/engine.ts"
import { field, file, form, formHeaders, upload } from "./lib/forms.ts"

const make = (path: string, body: unknown) => Effect.map(send("POST", path, body), ({ json }) => String(at(json, "id")))

const uploaded = (name: string, purpose = "evals") =>
  Effect.map(send("POST", "/files", form([field("purpose", purpose), file("{}", name)]), formHeaders()), ({ json }) =>
    String(at(json, "id"))
  )

interface Page {
  readonly ids: ReadonlyArray<string>
  readonly first: unknown
  readonly last: unknown
  readonly more: unknown
}

const pageOf = (path: string) =>
  Effect.map(send("GET", path), ({ json, status }): Page => {
    assert.strictEqual(status, 200)
    assert.deepStrictEqual(Object.keys(Object(json)), ["object", "data", "first_id", "last_id", "has_more"])
    assert.strictEqual(at(json, "object"), "list")
    return {
      ids: [at(json, "data")].flat().map((one) => String(at(one, "id"))),
      first: at(json, "first_id"),
      last: at(json, "last_id"),
      more: at(json, "has_more")
    }
  })

/** The ids of a list, read page by page. Each page but the last is full and says what it begins and ends with. */
const paged = (path: string, limit: number, query = "") =>
  Effect.gen(function* () {
    const ids: Array<string> = []
    for (let after = ""; ;) {
      const page = yield* pageOf(`${path}?limit=${limit}${query}${after}`)
      assert.deepStrictEqual([page.first, page.last], [page.ids[0] ?? null, page.ids.at(-1) ?? null])
      ids.push(...page.ids)
      if (page.more !== true) {
        assert.strictEqual(page.more, false)
        return ids
      }
      assert.strictEqual(page.ids.length, limit)
      after = `&after=${page.ids.at(-1)}`
    }
  })

/** Seven of a kind, made in this order, some within the same second, and where they are listed. */
const kinds = [
  {
    kind: "evals",
    list: Effect.succeed("/evals"),
    add: () => make("/evals", definition()),
    remove: (id: string) => send("DELETE", `/evals/${id}`),
    newestFirst: false
  },
  {
    kind: "runs",
    list: Effect.map(make("/evals", definition()), (id) => `/evals/${id}/runs`),
    add: (path: string) => make(path, over([row(true)])),
    remove: (id: string, path: string) => send("DELETE", `${path}/${id}`),
    newestFirst: false
  },
  {
    kind: "files",
    list: Effect.succeed("/files"),
    add: () => uploaded("rows.jsonl"),
    remove: (id: string) => send("DELETE", `/files/${id}`),
    newestFirst: true
  }
] as const

for (const { add, kind, list, newestFirst, remove } of kinds) {
  layer(EvalsTest.layer)(`a list of ${kind}`, (it) => {
    const seven = (path: string) =>
      Effect.forEach(Array.from({ length: 7 }), (_, index) =>
        Effect.andThen(index % 3 === 0 ? TestClock.adjust("1 second") : Effect.void, add(path))
      )
    it.effect("is read in either order, by pages of any size", () =>
      Effect.gen(function* () {
        const path = yield* list
        assert.deepStrictEqual(yield* pageOf(path), { ids: [], first: null, last: null, more: false })
        const ids = yield* seven(path)
        const down = ids.toReversed()
        assert.deepStrictEqual((yield* pageOf(path)).ids, newestFirst ? down : ids)
        for (const limit of [1, 2, 3, 6, 7, 8, 100]) {
          assert.deepStrictEqual(yield* paged(path, limit, "&order=asc"), ids, String(limit))
          assert.deepStrictEqual(yield* paged(path, limit, "&order=desc"), down, String(limit))
        }
        // behind the last there is an empty page
        const behind = yield* pageOf(`${path}?order=asc&after=${ids[6]}`)
        assert.deepStrictEqual(behind, { ids: [], first: null, last: null, more: false })
      })
    )

    it.effect("does not shift for readers while objects are added and deleted", () =>
      Effect.gen(function* () {
        const path = yield* list
        const old = (yield* pageOf(path)).ids
        for (const id of old) yield* remove(id, path)
        const ids = yield* seven(path)
        const first = yield* pageOf(`${path}?order=asc&limit=3`)
        assert.deepStrictEqual(first.ids, ids.slice(0, 3))
        yield* remove(ids[0] ?? "", path)
        yield* remove(ids[3] ?? "", path)
        const added = yield* add(path)
        const second = yield* pageOf(`${path}?order=asc&limit=3&after=${first.last}`)
        assert.deepStrictEqual([second.ids, second.more], [ids.slice(4, 7), true])
        const third = yield* pageOf(`${path}?order=asc&limit=3&after=${second.last}`)
        assert.deepStrictEqual([third.ids, third.more], [[added], false])
        // the other way round, what is added afterwards is not seen
        const newest = yield* pageOf(`${path}?order=desc&limit=2`)
        const last = yield* add(path)
        assert.deepStrictEqual(
          (yield* pageOf(`${path}?order=desc&limit=2&after=${newest.last}`)).ids,
          ids.slice(4, 6).toReversed()
        )
        // what a page ended with is gone
        yield* remove(String(second.last), path)
        assert.deepStrictEqual((yield* pageOf(`${path}?order=asc&after=${second.last}`)).ids, [added, last])
        assert.deepStrictEqual(
          (yield* pageOf(`${path}?order=desc&after=${second.last}`)).ids,
          ids.filter((_, index) => [1, 2, 4, 5].includes(index)).toReversed()
        )
      })
    )
  })
}

layer(EvalsTest.layer)("a list", (it) => {
  it.effect("of evals is ordered by their last change on request", () =>
    Effect.gen(function* () {
      const ids: Array<string> = []
      for (let made = 0; made < 4; made++) {
        yield* TestClock.adjust("1 second")
        ids.push(yield* make("/evals", definition()))
      }
      const [a, b, c, d] = ids
      const changed = (limit: number, order: string) => paged("/evals", limit, `&order_by=updated_at&order=${order}`)
      assert.deepStrictEqual(yield* changed(3, "asc"), [a, b, c, d])
      yield* TestClock.adjust("1 second")
      yield* send("POST", `/evals/${b}`, { name: "changed" })
      yield* TestClock.adjust("1 second")
      yield* send("POST", `/evals/${a}`, { metadata: { x: "y" } })
      for (const limit of [1, 2, 3, 4]) {
        assert.deepStrictEqual(yield* changed(limit, "asc"), [c, d, b, a])
        assert.deepStrictEqual(yield* changed(limit, "desc"), [a, b, d, c])
      }
      assert.deepStrictEqual(yield* paged("/evals", 3, "&order_by=created_at"), [a, b, c, d])
      // a page that begins behind an eval which was changed meanwhile begins behind where that stands now
      yield* TestClock.adjust("1 second")
      yield* send("POST", `/evals/${c}`, { name: "again" })
      assert.deepStrictEqual((yield* pageOf(`/evals?order_by=updated_at&after=${c}`)).ids, [])
    })
  )

  it.effect("of runs is filtered by their status", () =>
    Effect.gen(function* () {
      const { evalId, run } = yield* evaluated([row(true)])
      const path = `/evals/${evalId}/runs`
      assert.deepStrictEqual((yield* pageOf(`${path}?status=completed`)).ids, [run.id])
      for (const status of ["queued", "in_progress", "canceled", "failed"]) {
        assert.deepStrictEqual((yield* pageOf(`${path}?status=${status}`)).ids, [], status)
      }
    })
  )

  it.effect("of output items follows the rows, whole or filtered, by pages of any size", () =>
    Effect.gen(function* () {
      const rows = Array.from({ length: 10 }, (_, index) => row(index % 3 !== 0))
      const { evalId, run } = yield* evaluated(rows)
      const path = `/evals/${evalId}/runs/${run.id}/output_items`
      const all = yield* send("GET", `${path}?limit=100`)
      const items = [at(all.json, "data")].flat()
      assert.deepStrictEqual(
        items.map((item) => [at(item, "datasource_item_id"), at(item, "status")]),
        rows.map((_, index) => [index, index % 3 === 0 ? "fail" : "pass"])
      )
      const ids = items.map((item) => String(at(item, "id")))
      const passed = ids.filter((_, index) => index % 3 !== 0)
      const failed = ids.filter((_, index) => index % 3 === 0)
      for (const limit of [1, 2, 3, 4, 10]) {
        for (const [query, wanted] of [
          ["", ids],
          ["&status=pass", passed],
          ["&status=fail", failed],
          ["&status=failed", failed]
        ] as const) {
          assert.deepStrictEqual(yield* paged(path, limit, query), wanted)
          assert.deepStrictEqual(yield* paged(path, limit, `${query}&order=desc`), wanted.toReversed())
        }
      }
      // a page of those that passed may begin behind one that failed
      assert.deepStrictEqual((yield* pageOf(`${path}?status=pass&after=${ids[3]}`)).ids, passed.slice(2))
    })
  )

  it.effect("of files is filtered by their purpose, with pages of 10,000", () =>
    Effect.gen(function* () {
      const own = yield* uploaded("a.jsonl")
      const other = yield* uploaded("b.jsonl", "batch")
      assert.deepStrictEqual((yield* pageOf("/files?purpose=batch")).ids, [other])
      assert.deepStrictEqual((yield* pageOf("/files?purpose=evals")).ids, [own])
      assert.deepStrictEqual((yield* pageOf("/files?purpose=none")).ids, [])
      assert.strictEqual((yield* send("GET", "/files?limit=10000")).status, 200)
    })
  )
})

layer(EvalsTest.layer)("an unknown name", (it) => {
  const note = (what: string, names: string) => `ignored ${what} that the API does not name: ${names}`

  it.effect("is ignored in any position, and named in a header", () =>
    Effect.gen(function* () {
      const said = (method: string, path: string, body: unknown, what: string, names: string) =>
        Effect.gen(function* () {
          const answer = yield* send(method, path, body)
          assert.isBelow(answer.status, 300, path)
          assert.strictEqual(answer.headers.get("warning"), `299 effect-evals "${note(what, names)}"`)
          return answer.json
        })
      const made = yield* said(
        "POST",
        "/evals",
        {
          testing_criteria: [
            { ...label, weight: 2 },
            { ...label, weight: 3, "odd key": 1 }
          ],
          temperature: 0,
          data_source_config: { type: "custom", item_schema: { type: "object", unknown: true }, strict: true }
        },
        "keys",
        "temperature, data_source_config.strict, testing_criteria[].weight, testing_criteria[]['odd key']"
      )
      assert.deepStrictEqual(at(made, "data_source_config", "schema", "properties", "item"), {
        type: "object",
        unknown: true
      })
      assert.notInclude(JSON.stringify(made), "weight")
      assert.notInclude(JSON.stringify(made), "strict")
      assert.notInclude(JSON.stringify(made), "temperature")
      const evalId = String(at(made, "id"))
      assert.deepStrictEqual((yield* send("GET", `/evals/${evalId}`)).json, made)
      yield* said("POST", `/evals/${evalId}`, { name: "n", testing_criteria: [] }, "keys", "testing_criteria")
      const rows = over([row(true)])
      const run = yield* said(
        "POST",
        `/evals/${evalId}/runs`,
        { ...rows, concurrency: 8, data_source: { ...rows.data_source, response_format: {} } },
        "keys",
        "concurrency, data_source.response_format"
      )
      assert.deepStrictEqual(Object.keys(Object(at(run, "data_source"))), ["type", "source"])
      const graded = { grader: label, model_sample: "yes", item: { label: "yes" } }
      yield* said("POST", "/fine_tuning/alpha/graders/run", { ...graded, seed: 1 }, "keys", "seed")
      for (const path of [
        "/evals",
        "/files",
        `/evals/${evalId}/runs`,
        `/evals/${evalId}/runs/${String(at(run, "id"))}/output_items`
      ]) {
        yield* said("GET", `${path}?limit=1&Limit=2&page=3&page=4`, undefined, "parameters", "Limit, page")
      }
      const form1 = form([field("purpose", "evals"), field("tenant", "x"), file("{}")])
      const uploadedFile = yield* send("POST", "/files", form1, formHeaders())
      assert.strictEqual(uploadedFile.headers.get("warning"), `299 effect-evals "${note("fields", "tenant")}"`)
      assert.notProperty(uploadedFile.json, "tenant")
    })
  )

  it.effect("is not mentioned if there is none", () =>
    Effect.gen(function* () {
      const made = yield* send("POST", "/evals", definition())
      assert.isNull(made.headers.get("warning"))
      assert.isNull((yield* send("GET", "/evals?limit=2&order=asc&order_by=created_at")).headers.get("warning"))
      assert.isNull((yield* send("POST", "/files", upload("{}"), formHeaders())).headers.get("warning"))
    })
  )

  it.effect("is named with its first characters, without line breaks", () =>
    Effect.gen(function* () {
      const listed = yield* send("GET", `/evals?a%0Ab=1&${"x".repeat(3000)}=2`)
      assert.strictEqual(listed.status, 200)
      assert.strictEqual(
        listed.headers.get("warning"),
        `299 effect-evals "${note("parameters", `'a'nb', ${"x".repeat(100)}`)}"`
      )
    })
  )

  it.effect("is named with escapes for characters beyond ASCII, and no escape is cut", () =>
    Effect.gen(function* () {
      const { headers } = yield* send("POST", "/evals", { ...definition(), ключ: 1 })
      const header = headers.get("warning") ?? ""
      assert.strictEqual(header, `299 effect-evals "${note("keys", "['\\\\u043a\\\\u043b\\\\u044e\\\\u0447']")}"`)
      assert.deepStrictEqual(parseWarnings(header), [note("keys", "['ключ']")])
      const long = Object.fromEntries(
        Array.from({ length: 10 }, (_, index) => [`${"a".repeat(index)}${"ж".repeat(40)}`, 1])
      )
      const many = yield* send("POST", "/evals", { ...definition(), ...long })
      assert.match(many.headers.get("warning") ?? "", /^299 effect-evals "(?:[^\\]|\\\\u[\da-f]{4})+"$/)
    })
  )

  it.effect("cannot inject a header", () =>
    Effect.gen(function* () {
      const made = yield* send("POST", "/evals", { ...definition(), 'a"\r\nSet-Cookie: b\u0000é東': 1 })
      assert.strictEqual(made.status, 201)
      assert.strictEqual(
        made.headers.get("warning"),
        `299 effect-evals "${note("keys", "['a'''r'nSet-Cookie: b'u0000\\\\u00e9\\\\u6771']")}"`
      )
      assert.isNull(made.headers.get("set-cookie"))
    })
  )
})

const logged: Array<string> = []
const logger = Logger.layer([
  Logger.make(({ logLevel, message }) => {
    logged.push(`${logLevel} ${[message].flat().join(" ")}`)
  })
])

it.effect("unknown names are logged with the id of the request", () =>
  Effect.gen(function* () {
    const made = yield* send("POST", "/evals", { ...definition(), temperature: 0 })
    assert.deepStrictEqual(logged, [
      `Warn request ${made.headers.get("x-request-id")}: ignored keys that the API does not name: temperature`
    ])
  }).pipe(Effect.provide(Layer.provideMerge(EvalsTest.layer, logger)))
)
