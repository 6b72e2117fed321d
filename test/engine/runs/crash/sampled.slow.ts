import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  type EvalId,
  EvalsClient,
  listOutputItems,
  retrieveRun,
  type RunId
} from "effect-evals"
import { join } from "node:path"
import { retryRun } from "../../../../src/internal/requests/retryRun.ts"
import { at } from "../../../../src/schema/fields.ts"
import { completion, failure, type Received, serve as serveModels } from "../../../lib/modelServer.ts"
import { folder, noExecutions, serve } from "./lib/servers.ts"

const rows = 300
const kills = 10

/** A delay that belongs to a text, in milliseconds: most are short, some are long. */
const delayOf = (text: string): number => {
  let hash = 7
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 10_007
  return hash % 17 === 0 ? 900 : 20 + (hash % 150)
}

const textOf = ({ body }: Received): string => {
  const { messages } = body
  return Array.isArray(messages) ? String(at(messages[0], "content")) : ""
}

/** A model that answers with the number of a question, and a judge that gives even numbers a better score. */
const answerTo = (text: string): string => {
  const number = Number(/\d+/.exec(text)?.[0])
  return text.startsWith("Judge")
    ? JSON.stringify({ steps: [], result: number % 2 === 0 ? 0.9 : 0.1 })
    : `It is ${number % 7 === 0 ? "unknown" : number}`
}

interface Delivered {
  readonly text: string
  readonly at: number
}

const prepare = Effect.gen(function* () {
  const { id } = yield* createEval({
    data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
    testing_criteria: [
      {
        type: "string_check",
        name: "right",
        input: "{{ sample.output_text }}",
        reference: "It is {{ item.n }}",
        operation: "eq"
      },
      {
        type: "score_model",
        name: "judge",
        model: "judge",
        input: [{ role: "user", content: "Judge {{ sample.output_text }}, asked for {{ item.n }}" }]
      }
    ]
  })
  return id
})

const begin = (evalId: EvalId) =>
  createRun(evalId, {
    data_source: {
      type: "completions",
      model: "m",
      input_messages: { type: "template", template: [{ role: "user", content: "Which number is {{ item.n }}?" }] },
      source: { type: "file_content", content: Array.from({ length: rows }, (_, n) => ({ item: { n } })) }
    }
  })

/** The results of a run, as far as they do not differ from run to run. */
const results = (evalId: EvalId, runId: RunId) =>
  Effect.gen(function* () {
    const run = yield* awaitRun(evalId, runId)
    const items = yield* Stream.runCollect(listOutputItems(evalId, runId, { limit: 100 }))
    return {
      counts: run.result_counts,
      criteria: run.per_testing_criteria_results,
      usage: run.per_model_usage,
      items: items.map(({ datasource_item_id, results, sample, status }) => ({
        datasource_item_id,
        status,
        results,
        output: sample?.output
      }))
    }
  })

describe("a server that is killed while its runs ask models", () => {
  it.live(`pays for no answer twice, and ends as an undisturbed run does: ${kills} times`, () =>
    Effect.gen(function* () {
      const delivered: Array<Delivered> = []
      const models = yield* serveModels((request) => {
        const text = textOf(request)
        const delay = delayOf(text)
        setTimeout(() => delivered.push({ text, at: Date.now() }), delay)
        return { delay, body: completion(answerTo(text)) }
      })
      const filename = join(yield* folder, "evals.db")
      let server = yield* serve(filename, models.baseUrl)
      const evalId = yield* Effect.provide(prepare, server.client)
      const undisturbed = yield* Effect.gen(function* () {
        const { id } = yield* begin(evalId)
        return yield* results(evalId, id)
      }).pipe(Effect.provide(server.client))
      assert.deepStrictEqual(undisturbed.counts.total, rows)
      assert.strictEqual(models.requests.length, 2 * rows)

      for (let kill = 0; kill < kills; kill++) {
        const first = models.requests.length
        delivered.length = 0
        const seen = yield* Random.nextIntBetween(0, rows * 0.8)
        const runId = yield* Effect.gen(function* () {
          const { id } = yield* begin(evalId)
          yield* Effect.repeat(Effect.andThen(Effect.sleep(20), retrieveRun(evalId, id)), {
            until: ({ result_counts }) => result_counts.total >= seen
          })
          return id
        }).pipe(Effect.provide(server.client))
        yield* server.kill
        const killedAt = Date.now()
        const paid = new Set(delivered.filter(({ at }) => at < killedAt - 1000).map(({ text }) => text))
        const before = models.requests.length
        server = yield* serve(filename, models.baseUrl)
        const after = yield* Effect.provide(results(evalId, runId), server.client)
        assert.deepStrictEqual(after, undisturbed, `killed after ${seen} items`)
        const again = models.requests.slice(before).map(textOf)
        assert.deepStrictEqual(
          again.filter((text) => paid.has(text)),
          [],
          `killed after ${seen} items: asked again`
        )
        assert.isAtLeast(models.requests.length - first, 2 * rows)
      }
      yield* noExecutions(filename)
      yield* server.stop
    }).pipe(Random.withSeed("kills of a server that asks models"))
  )

  it.live("continues a retry as it does a run: each errored row is replaced once, and no other", () =>
    Effect.gen(function* () {
      let mended = true
      const isBroken = (text: string) => text.startsWith("Which") && Number(/\d+/.exec(text)?.[0]) % 3 === 0
      const models = yield* serveModels((request) => {
        const text = textOf(request)
        return !mended && isBroken(text)
          ? { status: 400, body: failure("not yet") }
          : { delay: delayOf(text), body: completion(answerTo(text)) }
      })
      const filename = join(yield* folder, "evals.db")
      let server = yield* serve(filename, models.baseUrl)
      const evalId = yield* Effect.provide(prepare, server.client)
      const undisturbed = yield* Effect.gen(function* () {
        const { id } = yield* begin(evalId)
        return yield* results(evalId, id)
      }).pipe(Effect.provide(server.client))
      const idsOf = (runId: RunId) =>
        Effect.map(Stream.runCollect(listOutputItems(evalId, runId, { limit: 100 })), (items) =>
          items.map(({ id }) => id)
        )
      for (let kill = 0; kill < 3; kill++) {
        mended = false
        const left = yield* Random.nextIntBetween(10, rows / 3)
        const { ids, runId } = yield* Effect.gen(function* () {
          const { id: runId } = yield* begin(evalId)
          assert.strictEqual((yield* awaitRun(evalId, runId)).result_counts.errored, rows / 3)
          const ids = yield* idsOf(runId)
          mended = true
          yield* EvalsClient.EvalsClient.use((client) => client.send(retryRun(evalId, runId), undefined))
          yield* Effect.repeat(Effect.andThen(Effect.sleep(20), retrieveRun(evalId, runId)), {
            until: ({ result_counts }) => result_counts.errored <= left
          })
          return { ids, runId }
        }).pipe(Effect.provide(server.client))
        yield* server.kill
        server = yield* serve(filename, models.baseUrl)
        yield* Effect.gen(function* () {
          assert.deepStrictEqual(yield* results(evalId, runId), undisturbed, `killed with ${left} errored rows`)
          const after = yield* idsOf(runId)
          assert.deepStrictEqual(
            after.flatMap((id, row) => (id === ids[row] ? [] : [row])),
            Array.from({ length: rows / 3 }, (_, index) => 3 * index)
          )
        }).pipe(Effect.provide(server.client))
      }
      yield* noExecutions(filename)
      yield* server.stop
    }).pipe(Random.withSeed("kills of a retry"))
  )

  it.live("asks nothing after a cancel was answered, and ends what is in flight", () =>
    Effect.gen(function* () {
      const models = yield* serveModels((request) => ({ delay: 200, body: completion(answerTo(textOf(request))) }))
      const server = yield* serve(join(yield* folder, "evals.db"), models.baseUrl)
      yield* Effect.gen(function* () {
        const evalId = yield* prepare
        const { id } = yield* begin(evalId)
        yield* Effect.repeat(Effect.andThen(Effect.sleep(20), retrieveRun(evalId, id)), {
          until: ({ result_counts }) => result_counts.total >= 20
        })
        const canceled = yield* cancelRun(evalId, id)
        const asked = models.requests.length
        assert.strictEqual(canceled.status, "canceled")
        yield* Effect.sleep(1000)
        assert.strictEqual(models.requests.length, asked)
        assert.isAbove(models.abandoned(), 0)
        assert.strictEqual(models.open(), 0)
        assert.deepStrictEqual((yield* retrieveRun(evalId, id)).result_counts, canceled.result_counts)
      }).pipe(Effect.provide(server.client))
      yield* server.stop
    })
  )
})
