/** What openai-node's `evals` is answered. */
import { assert, type Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { NotFoundError, type OpenAI } from "openai"
import { all, at, type Backend, errorOf, using } from "./backend.ts"
import { close, label, tickets } from "./material.ts"

const ids = (list: ReadonlyArray<{ readonly id: string }>) => list.map(({ id }) => id)

const uuid = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"

const judges = [
  {
    type: "python",
    name: "short",
    source: 'def grade(sample, item):\n    return 1.0 if len(sample["output_text"]) < 80 else 0.0\n',
    image_tag: "2025-05-08",
    pass_threshold: 1
  },
  {
    type: "score_model",
    name: "tone",
    model: "o4-mini",
    input: [{ role: "user", content: "Rate how polite this is: {{ sample.output_text }}" }],
    range: [1, 7],
    pass_threshold: 5.5,
    sampling_params: { seed: 7, max_completions_tokens: 512 }
  },
  {
    type: "label_model",
    name: "mood",
    model: "gpt-4.1",
    input: [{ role: "user", content: "Is the customer content? {{ item.ticket }}" }],
    labels: ["content", "angry"],
    passing_labels: ["content"]
  }
] satisfies OpenAI.EvalCreateParams["testing_criteria"]

const anyObject = { type: "object" }

export const evals = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("has none at first: a page without objects", () =>
    using(async (client) => {
      const page = await client.evals.list()
      assert.deepStrictEqual(page.data, [])
      assert.isFalse(page.hasNextPage())
      assert.deepStrictEqual(await all(client.evals.list()), [])
    })
  )

  it.effect("create answers 201 with the whole eval, and its own id of the request", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_000)
      yield* using(async (client) => {
        const { data, request_id, response } = await client.evals.create(tickets).withResponse()
        assert.strictEqual(response.status, 201)
        assert.strictEqual(response.headers.get("content-type"), "application/json")
        assert.match(request_id ?? "", /^req_[0-9a-f]{32}$/)
        const [first, second] = data.testing_criteria
        assert.match(first !== undefined && "id" in first ? String(first.id) : "", new RegExp(`^label-${uuid}$`))
        assert.match(
          second !== undefined && "id" in second ? String(second.id) : "",
          new RegExp(`^close-enough-${uuid}$`)
        )
        assert.match(data.id, /^eval_6553f100[0-9a-f]{24}$/)
        const { item_schema } = tickets.data_source_config
        assert.deepEqual(data, {
          object: "eval",
          id: data.id,
          name: "tickets",
          created_at: 1_700_000_000,
          data_source_config: {
            type: "custom",
            schema: { type: "object", properties: { item: item_schema }, required: ["item"] }
          },
          testing_criteria: [
            { ...label, ...first },
            { ...close, ...second }
          ],
          metadata: { team: "support" }
        })
      })
    })
  )

  it.effect("create takes every grader of evals, and gives it back as it was sent", () =>
    using(async (client) => {
      const made = await client.evals.create({ ...tickets, testing_criteria: judges })
      assert.deepStrictEqual(
        made.testing_criteria.map((criterion) =>
          Object.fromEntries(Object.entries(criterion).filter(([key]) => key !== "id"))
        ),
        judges
      )
    })
  )

  it.effect("create fills in the threshold that the specification wants, where it is left out", () =>
    using(async (client) => {
      const { pass_threshold: _, ...without } = close
      const made: unknown = await client.post("/evals", { body: { ...tickets, testing_criteria: [without] } })
      assert.deepInclude(made, { name: "tickets" })
      const [criterion] = (await client.evals.list({ order: "desc", limit: 1 })).data[0]?.testing_criteria ?? []
      assert.strictEqual(criterion?.type === "text_similarity" ? criterion.pass_threshold : undefined, 0.5)
    })
  )

  for (const type of ["logs", "stored_completions"] as const) {
    it.effect(`create takes a config of ${type}: any item, any sample, both required`, () =>
      using(async (client) => {
        const made = await client.evals.create({
          data_source_config: { type, metadata: { usecase: "chat" } },
          testing_criteria: [label]
        })
        assert.deepStrictEqual(made.data_source_config, {
          type,
          schema: { type: "object", properties: { item: anyObject, sample: anyObject }, required: ["item", "sample"] },
          metadata: { usecase: "chat" }
        })
        assert.strictEqual(made.name, made.id)
        assert.deepStrictEqual(made.metadata, {})
      })
    )
  }

  it.effect("retrieve answers what create did", () =>
    using(async (client) => {
      const made = await client.evals.create(tickets)
      const { data, response } = await client.evals.retrieve(made.id).withResponse()
      assert.strictEqual(response.status, 200)
      assert.deepEqual(data, made)
    })
  )

  it.effect(
    "update changes the name and the metadata, null leaves the metadata as they are, and nothing else changes",
    () =>
      using(async (client) => {
        const made = await client.evals.create(tickets)
        const { data, response } = await client.evals.update(made.id, { name: "renamed" }).withResponse()
        assert.strictEqual(response.status, 200)
        assert.deepEqual(data, { ...made, name: "renamed" })
        const moved = { ...made, name: "renamed", metadata: { team: "sales", quarter: "3" } }
        assert.deepEqual(await client.evals.update(made.id, { metadata: moved.metadata }), moved)
        assert.deepEqual(await client.evals.update(made.id, { metadata: null }), moved)
        assert.deepEqual(await client.evals.update(made.id, { metadata: {} }), { ...moved, metadata: {} })
        assert.deepEqual(await client.evals.retrieve(made.id), { ...moved, metadata: {} })
      })
  )

  it.effect("delete answers which eval is gone, and it is", () =>
    using(async (client) => {
      const made = await client.evals.create(tickets)
      const { data, response } = await client.evals.delete(made.id).withResponse()
      assert.strictEqual(response.status, 200)
      assert.deepEqual(data, { object: "eval.deleted", deleted: true, eval_id: made.id })
      assert.instanceOf(await errorOf(client.evals.retrieve(made.id)), NotFoundError)
      assert.instanceOf(await errorOf(client.evals.delete(made.id)), NotFoundError)
    })
  )
}

/** Lists, in an engine that holds nothing else. */
export const listedEvals = (it: Vitest.MethodsNonLive<Backend>): void => {
  const made: Array<string> = []

  it.effect("list goes over 120 evals, page by page, each once and in order", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_000)
      yield* using(async (client) => {
        for (let count = 0; count < 120; count++) {
          made.push((await client.evals.create({ ...tickets, name: `eval ${count}` })).id)
        }
        assert.deepStrictEqual(ids(await all(client.evals.list({ limit: 7 }))), made)
        assert.deepStrictEqual(ids(await all(client.evals.list({ limit: 100 }))), made)
        assert.deepStrictEqual(ids(await all(client.evals.list({ limit: 50, order: "desc" }))), made.toReversed())
        const pages: Array<number> = []
        for await (const page of (await client.evals.list({ limit: 50 })).iterPages()) pages.push(page.data.length)
        assert.deepStrictEqual(pages, [50, 50, 20])
      })
    })
  )

  it.effect("list shows 20 a page, goes on after an object, and says whether more follows", () =>
    using(async (client) => {
      const first = await client.evals.list()
      assert.deepStrictEqual(ids(first.data), made.slice(0, 20))
      assert.isTrue(first.has_more)
      const second = await first.getNextPage()
      assert.deepStrictEqual(ids(second.data), made.slice(20, 40))
      const last = await client.evals.list({ after: made[117] ?? "", limit: 100 })
      assert.deepStrictEqual(ids(last.data), made.slice(118))
      assert.isFalse(last.has_more)
      const none = await client.evals.list({ after: made[119] ?? "" })
      assert.deepStrictEqual([none.data, none.has_more], [[], false])
    })
  )

  it.effect("list orders by the time of the last change where it is asked to", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_100)
      yield* using((client) => client.evals.update(made[5] ?? "", { name: "changed first" }))
      yield* at(1_700_000_200)
      yield* using(async (client) => {
        await client.evals.update(made[3] ?? "", { metadata: { changed: "last" } })
        const newest = await client.evals.list({ order_by: "updated_at", order: "desc", limit: 3 })
        assert.deepStrictEqual(ids(newest.data), [made[3], made[5], made[119]])
        const byChange = ids(await all(client.evals.list({ order_by: "updated_at", limit: 25 })))
        const unchanged = made.filter((_, index) => index !== 3 && index !== 5)
        assert.deepStrictEqual(byChange, [...unchanged, made[5], made[3]])
        assert.deepStrictEqual(ids(await all(client.evals.list({ order_by: "created_at", limit: 60 }))), made)
      })
    })
  )
}
