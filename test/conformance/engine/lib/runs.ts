/** What openai-node's `evals.runs` and `evals.runs.outputItems` are answered. */
import { assert, type Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { NotFoundError, toFile } from "openai"
import { all, at, type Backend, ended, errorOf, using } from "./backend.ts"
import { jsonl, laborious, many, over, rows, tickets } from "./material.ts"

const ids = (list: ReadonlyArray<{ readonly id: string }>) => list.map(({ id }) => id)

const criteriaOf = (made: { readonly testing_criteria: ReadonlyArray<object> }) =>
  made.testing_criteria.map((criterion) => ("id" in criterion ? String(criterion.id) : ""))

const none = { total: 0, errored: 0, failed: 0, passed: 0 }

export const runs = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("create answers 201 with a run that is queued, and the run ends with counts of items and criteria", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_000)
      yield* using(async (client, backend) => {
        const made = await client.evals.create(tickets)
        const params = { ...over(rows), name: "release 12", metadata: { commit: "1f0e3da" } }
        const { data: run, request_id, response } = await client.evals.runs.create(made.id, params).withResponse()
        assert.strictEqual(response.status, 201)
        assert.match(request_id ?? "", /^req_[0-9a-f]{32}$/)
        assert.match(run.id, /^evalrun_6553f100[0-9a-f]{24}$/)
        const queued = {
          object: "eval.run",
          id: run.id,
          eval_id: made.id,
          report_url: run.report_url,
          status: "queued",
          model: "gpt-4.1-mini",
          name: "release 12",
          created_at: 1_700_000_000,
          result_counts: none,
          evals_rows: { total: 3, not_judged: 3 },
          per_model_usage: null,
          per_testing_criteria_results: null,
          metadata: { commit: "1f0e3da" },
          error: null,
          data_source: params.data_source
        }
        assert.deepEqual<unknown>(run, queued)
        assert.include(run.report_url, `/evaluations/${made.id}?run_id=${run.id}`)
        await ended(backend, run)
        const [label, close] = criteriaOf(made)
        const retrieved = await client.evals.runs.retrieve(run.id, { eval_id: made.id }).withResponse()
        assert.strictEqual(retrieved.response.status, 200)
        assert.deepEqual<unknown>(retrieved.data, {
          ...queued,
          status: "completed",
          result_counts: { total: 3, errored: 0, failed: 2, passed: 1 },
          evals_rows: { total: 3, not_judged: 0 },
          per_model_usage: [],
          per_testing_criteria_results: [
            { testing_criteria: label, testing_criteria_id: label, passed: 1, failed: 2 },
            { testing_criteria: close, testing_criteria_id: close, passed: 2, failed: 1 }
          ]
        })
      })
    })
  )

  it.effect("create takes the rows of an uploaded file, and gives its id back", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(tickets)
      const file = await client.files.create({
        file: await toFile(Buffer.from(jsonl(rows)), "rows.jsonl"),
        purpose: "evals"
      })
      const data_source = { type: "jsonl", source: { type: "file_id", id: file.id } } as const
      const run = await client.evals.runs.create(made.id, { data_source })
      assert.deepStrictEqual<unknown>(run.data_source, data_source)
      await ended(backend, run)
      const { result_counts, status } = await client.evals.runs.retrieve(run.id, { eval_id: made.id })
      assert.deepStrictEqual([status, result_counts], ["completed", { total: 3, errored: 0, failed: 2, passed: 1 }])
    })
  )

  it.effect("list goes over 105 runs, page by page, in both orders", () =>
    using(async (client) => {
      const made = await client.evals.create(tickets)
      const created: Array<string> = []
      for (let count = 0; count < 105; count++) {
        created.push((await client.evals.runs.create(made.id, over(rows.slice(0, 1)))).id)
      }
      assert.deepStrictEqual(ids(await all(client.evals.runs.list(made.id, { limit: 30 }))), created)
      const down = client.evals.runs.list(made.id, { limit: 100, order: "desc" })
      assert.deepStrictEqual(ids(await all(down)), created.toReversed())
      const next = await client.evals.runs.list(made.id, { after: created[9] ?? "", limit: 2 })
      assert.deepStrictEqual([ids(next.data), next.has_more], [created.slice(10, 12), true])
      assert.deepStrictEqual(ids((await client.evals.runs.list(made.id)).data), created.slice(0, 20))
    })
  )

  it.effect("list shows only the runs of its eval, and of a status", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(laborious)
      const other = await client.evals.create(tickets)
      const elsewhere = await client.evals.runs.create(other.id, over(rows))
      const through = await client.evals.runs.create(made.id, many(1))
      await ended(backend, through)
      const given = await client.evals.runs.create(made.id, many(1000))
      await client.evals.runs.cancel(given.id, { eval_id: made.id })
      const of = async (status: "queued" | "in_progress" | "completed" | "canceled" | "failed") =>
        ids(await all(client.evals.runs.list(made.id, { status })))
      assert.deepStrictEqual(await of("completed"), [through.id])
      assert.deepStrictEqual(await of("canceled"), [given.id])
      assert.deepStrictEqual([await of("queued"), await of("in_progress"), await of("failed")], [[], [], []])
      assert.deepStrictEqual(ids(await all(client.evals.runs.list(made.id))), [through.id, given.id])
      assert.deepStrictEqual(ids(await all(client.evals.runs.list(other.id))), [elsewhere.id])
    })
  )

  for (const suffix of ["/cancel", ""]) {
    const how = suffix === "" ? "by the path that clients before October 2026 use" : "with openai-node's cancel"
    it.effect(`a run that is canceled ${how} keeps what it has judged, and nothing follows`, () =>
      using(async (client, backend) => {
        const made = await client.evals.create(laborious)
        const run = await client.evals.runs.create(made.id, many(1000))
        const { data, response } =
          suffix === "/cancel"
            ? await client.evals.runs.cancel(run.id, { eval_id: made.id }).withResponse()
            : await client.post<typeof run>(`/evals/${made.id}/runs/${run.id}`).withResponse()
        assert.strictEqual(response.status, 200)
        assert.strictEqual(data.status, "canceled")
        assert.isBelow(data.result_counts.total, 1000)
        assert.isNull(data.error)
        await ended(backend, run)
        const after = await client.evals.runs.retrieve(run.id, { eval_id: made.id })
        assert.deepEqual(after, data)
        const items = await all(client.evals.runs.outputItems.list(run.id, { eval_id: made.id, limit: 100 }))
        assert.strictEqual(items.length, data.result_counts.total)
        assert.deepEqual(await client.evals.runs.cancel(run.id, { eval_id: made.id }), after)
      })
    )
  }

  it.effect("a run that has ended stays as it is when it is canceled", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(tickets)
      const run = await client.evals.runs.create(made.id, over(rows))
      await ended(backend, run)
      const before = await client.evals.runs.retrieve(run.id, { eval_id: made.id })
      assert.strictEqual(before.status, "completed")
      assert.deepEqual(await client.evals.runs.cancel(run.id, { eval_id: made.id }), before)
      assert.deepEqual(await client.post(`/evals/${made.id}/runs/${run.id}`), before)
    })
  )

  it.effect("delete answers which run is gone, and it is, with its items", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(tickets)
      const run = await client.evals.runs.create(made.id, over(rows))
      await ended(backend, run)
      const { data, response } = await client.evals.runs.delete(run.id, { eval_id: made.id }).withResponse()
      assert.strictEqual(response.status, 200)
      assert.deepEqual(data, { object: "eval.run.deleted", deleted: true, run_id: run.id })
      assert.instanceOf(await errorOf(client.evals.runs.retrieve(run.id, { eval_id: made.id })), NotFoundError)
      assert.instanceOf(await errorOf(client.evals.runs.outputItems.list(run.id, { eval_id: made.id })), NotFoundError)
      assert.deepStrictEqual(await all(client.evals.runs.list(made.id)), [])
    })
  )

  it.effect("deleting an eval takes its runs along", () =>
    using(async (client) => {
      const made = await client.evals.create(laborious)
      const run = await client.evals.runs.create(made.id, many(1000))
      await client.evals.delete(made.id)
      assert.instanceOf(await errorOf(client.evals.runs.retrieve(run.id, { eval_id: made.id })), NotFoundError)
      assert.instanceOf(await errorOf(client.evals.runs.list(made.id)), NotFoundError)
    })
  )
}

export const outputItems = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("show the row, what the model answered, and what each criterion says", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_000)
      yield* using(async (client, backend) => {
        const made = await client.evals.create(tickets)
        const run = await client.evals.runs.create(made.id, over(rows))
        await ended(backend, run)
        const place = { eval_id: made.id }
        const items = await all(client.evals.runs.outputItems.list(run.id, place))
        const [label, close] = criteriaOf(made)
        const expected = (index: number, status: string, score: readonly [number, number], content: string) => ({
          id: items[index]?.id,
          object: "eval.run.output_item",
          created_at: 1_700_000_000,
          run_id: run.id,
          eval_id: made.id,
          status,
          datasource_item_id: index,
          datasource_item: rows[index]?.item,
          results: [
            { name: label, passed: score[0] === 1, sample: null, score: score[0] },
            { name: close, passed: score[1] >= 0.75, sample: null, score: score[1] }
          ],
          sample: {
            input: [],
            output: [{ role: "assistant", content }],
            finish_reason: "stop",
            model: "gpt-4.1-mini",
            usage: { total_tokens: 0, completion_tokens: 0, prompt_tokens: 0, cached_tokens: 0 },
            error: null,
            temperature: 1,
            top_p: 1,
            seed: null
          }
        })
        assert.deepEqual<unknown>(items, [
          expected(0, "pass", [1, 1], "Hardware"),
          expected(1, "fail", [0, 0.875], "Hardwara"),
          expected(2, "fail", [0, items[2]?.results[1]?.score ?? -1], "no idea")
        ])
        assert.isBelow(items[2]?.results[1]?.score ?? 1, 0.75)
        assert.match(items[0]?.id ?? "", /^outputitem_6553f100[0-9a-f]{24}$/)
        const [first] = items
        const one = await client.evals.runs.outputItems
          .retrieve(first?.id ?? "", { ...place, run_id: run.id })
          .withResponse()
        assert.strictEqual(one.response.status, 200)
        assert.deepEqual(one.data, first)
      })
    })
  )

  it.effect("are listed by their rows, page by page, in both orders, and by status", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(tickets)
      const run = await client.evals.runs.create(made.id, many(250))
      await ended(backend, run)
      const list = (query: { limit?: number; order?: "asc" | "desc"; status?: "fail" | "pass"; after?: string }) =>
        client.evals.runs.outputItems.list(run.id, { eval_id: made.id, ...query })
      const rowsOf = (items: ReadonlyArray<{ readonly datasource_item_id: number }>) =>
        items.map(({ datasource_item_id }) => datasource_item_id)
      const every = Array.from({ length: 250 }, (_, index) => index)
      const items = await all(list({ limit: 40 }))
      assert.deepStrictEqual(rowsOf(items), every)
      assert.strictEqual(new Set(ids(items)).size, 250)
      assert.deepStrictEqual(rowsOf(await all(list({ limit: 100, order: "desc" }))), every.toReversed())
      const failed = every.filter((row) => row % 5 === 4)
      assert.deepStrictEqual(rowsOf(await all(list({ limit: 9, status: "fail" }))), failed)
      assert.deepStrictEqual(
        rowsOf(await all(list({ limit: 9, status: "pass", order: "desc" }))),
        every.filter((row) => row % 5 !== 4).toReversed()
      )
      const first = await list({})
      assert.deepStrictEqual([rowsOf(first.data), first.has_more], [every.slice(0, 20), true])
      const next = await list({ after: items[247]?.id ?? "" })
      assert.deepStrictEqual([rowsOf(next.data), next.has_more], [[248, 249], false])
    })
  )

  it.effect("show a missing variable as a criterion that fails, beside the sample that it is missing from", () =>
    using(async (client, backend) => {
      const made = await client.evals.create({
        ...tickets,
        testing_criteria: [
          {
            type: "string_check",
            name: "json",
            input: "{{ sample.output_json.label }}",
            reference: "{{ item.label }}",
            operation: "eq"
          }
        ]
      })
      const run = await client.evals.runs.create(made.id, over(rows.slice(0, 1)))
      await ended(backend, run)
      const [item] = await all(client.evals.runs.outputItems.list(run.id, { eval_id: made.id }))
      assert.strictEqual(item?.status, "fail")
      const [result] = item?.results ?? []
      assert.deepStrictEqual<unknown>([result?.passed, result?.score, result?.sample], [false, 0, item?.sample])
    })
  )
}
