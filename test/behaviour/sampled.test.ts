/** Runs that sample a model: what is asked, what becomes of the answers, and which items can be read meanwhile. */
import { NodeHttpClient } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Option, Stream } from "effect"
import {
  awaitRun,
  createEval,
  createRun,
  type DataSource,
  executeRun,
  listOutputItems,
  type Run,
  watchRun
} from "effect-evals"
import { Models } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import { completion, response, serve } from "../lib/modelServer.ts"
import { at, definition, send } from "./lib/engine.ts"

type Completions = Extract<Run.CreateParams["data_source"], { readonly type: "completions" }>
type Item = DataSource.RowParam["item"]

const input_messages: Completions["input_messages"] = {
  type: "template",
  template: [{ role: "user", content: "{{ item.ask }}" }]
}

const contentOf = (items: ReadonlyArray<Item>) => ({
  type: "file_content" as const,
  content: items.map((item) => ({ item: { label: "yes", ...item } }))
})

/** The request for a run that asks a model for each row. */
const asking = (items: ReadonlyArray<Item>, fields: Partial<Completions> = {}): Run.CreateParams => ({
  data_source: { type: "completions", model: "m", input_messages, source: contentOf(items), ...fields }
})

/** A run that has ended, with its items. */
const executed = (params: Run.CreateParams) =>
  Effect.gen(function* () {
    const { id } = yield* createEval(definition())
    const run = yield* executeRun(id, params)
    return { run, items: yield* Stream.runCollect(listOutputItems(id, run.id)) }
  })

/** An engine and an endpoint that answers both APIs with yes. */
const overSocket = Effect.gen(function* () {
  const server = yield* serve(({ path }) => ({ body: path === "/responses" ? response("yes") : completion("yes") }))
  const models = Models.layer([{ match: "*", baseUrl: server.baseUrl, api: "both" }])
  const engine = yield* Layer.build(
    EvalsTest.layer.pipe(Layer.provide(models), Layer.provide(NodeHttpClient.layerUndici))
  )
  return { engine, server }
})

const sampling = {
  temperature: 0.5,
  top_p: 0.25,
  seed: 7,
  max_completion_tokens: 99,
  reasoning_effort: "low"
} as const

describe("a run that samples", () => {
  it.live("asks each API by its own names of the parameters, for a whole answer, and shows what was set", () =>
    Effect.gen(function* () {
      const { engine, server } = yield* overSocket
      const shared = { model: "m", input_messages, source: contentOf([{ ask: "Hi" }]), sampling_params: sampling }
      for (const type of ["completions", "responses"] as const) {
        const { items, run } = yield* Effect.provideContext(executed({ data_source: { type, ...shared } }), engine)
        assert.strictEqual(run.model, "m")
        assert.deepInclude(items[0]?.sample, { temperature: 0.5, top_p: 0.25, seed: 7, max_completion_tokens: 99 })
      }
      assert.deepStrictEqual(server.paths(), ["/chat/completions", "/responses"])
      const common = { model: "m", temperature: 0.5, top_p: 0.25 }
      assert.deepStrictEqual(
        server.requests.map(({ body }) => body),
        [
          {
            ...common,
            messages: [{ role: "user", content: "Hi" }],
            seed: 7,
            max_completion_tokens: 99,
            reasoning_effort: "low"
          },
          {
            ...common,
            input: [{ role: "user", content: "Hi" }],
            max_output_tokens: 99,
            reasoning: { effort: "low", summary: "auto" },
            store: false
          }
        ]
      )
    })
  )

  it.live("sends the URL of an image unchanged, and fetches nothing", () =>
    Effect.gen(function* () {
      const { engine, server } = yield* overSocket
      const { items } = yield* Effect.provideContext(
        executed(
          asking([{ image: `${server.baseUrl}/cat.png` }], {
            input_messages: {
              type: "template",
              template: [
                {
                  role: "user",
                  content: [
                    { type: "input_text", text: "Which animal?" },
                    { type: "input_image", image_url: "{{ item.image }}", detail: "low" }
                  ]
                }
              ]
            }
          })
        ),
        engine
      )
      assert.deepStrictEqual(server.paths(), ["/chat/completions"])
      assert.deepStrictEqual(at(server.requests[0]?.body, "messages", 0, "content", 1), {
        type: "image_url",
        image_url: { url: `${server.baseUrl}/cat.png`, detail: "low" }
      })
      assert.strictEqual(items[0]?.sample?.input[0]?.content, `Which animal? <image>${server.baseUrl}/cat.png</image>`)
    })
  )

  it.effect(
    "takes the messages of a row by reference: a list, or a text of the user; a row without any is errored",
    () =>
      Effect.gen(function* () {
        const texts: Array<string> = []
        const layer = EvalsTest.layerWith({
          models: ({ text }) => {
            texts.push(text)
            return "yes"
          }
        })
        const rows = [
          {
            input: [
              { role: "system", content: "Be brief." },
              { role: "user", content: "Hi" }
            ]
          },
          { input: "Hello {{ item.label }}" },
          { other: "x" }
        ]
        const input_messages = { type: "item_reference", item_reference: "item.input" } as const
        const { items } = yield* Effect.provide(executed(asking(rows, { input_messages })), layer)
        assert.deepStrictEqual(texts.toSorted(), ["Be brief.\nHi", "Hello {{ item.label }}"])
        assert.deepStrictEqual(
          items.map(({ status }) => status),
          ["pass", "pass", "error"]
        )
        assert.strictEqual(items[2]?.sample?.error?.message, "input_messages: item.input has no value")
      })
  )

  it.effect("names in a warning the parameters that are not sent", () =>
    Effect.gen(function* () {
      const { json } = yield* send("POST", "/evals", definition())
      const path = `/evals/${String(at(json, "id"))}/runs`
      const { headers, status } = yield* send("POST", path, {
        data_source: {
          ...asking([{ ask: "Hi" }]).data_source,
          sampling_params: { temperature: 0, stop: ["x"], text: { format: { type: "text" } } }
        }
      })
      assert.strictEqual(status, 201)
      assert.strictEqual(
        headers.get("warning"),
        '299 effect-evals "ignored keys that the API does not name: data_source.sampling_params.stop, data_source.sampling_params.text"'
      )
    }).pipe(Effect.provide(EvalsTest.layerWith({ models: () => "yes" })))
  )

  it.effect("judges the first of several choices, and keeps all of them for templates", () =>
    Effect.gen(function* () {
      const { id } = yield* createEval(
        definition(
          {
            type: "string_check",
            name: "first",
            input: "{{ sample.output_text }}",
            reference: "yes",
            operation: "eq"
          },
          {
            type: "string_check",
            name: "second",
            input: "{{ sample.choices[1].message.content }}",
            reference: "no",
            operation: "eq"
          }
        )
      )
      const run = yield* executeRun(id, asking([{ ask: "Hi" }]))
      const items = yield* Stream.runCollect(listOutputItems(id, run.id))
      assert.strictEqual(items[0]?.status, "pass")
      assert.deepStrictEqual(items[0]?.sample?.output, [{ role: "assistant", content: "yes" }])
    }).pipe(
      Effect.provide(
        EvalsTest.layerWith({
          models: () => ({
            choices: ["yes", "no"].map((content) => ({ message: { content }, finish_reason: "stop" }))
          })
        })
      )
    )
  )

  it.effect("judges an answer that was cut off, or refuses, like any other", () =>
    Effect.gen(function* () {
      const layer = EvalsTest.layerWith({
        models: ({ text }) =>
          text === "long"
            ? { choices: [{ message: { content: "ye" }, finish_reason: "length" }] }
            : { choices: [{ message: { content: null }, finish_reason: "content_filter" }] }
      })
      const { items } = yield* Effect.provide(executed(asking([{ ask: "long" }, { ask: "bad" }])), layer)
      assert.deepStrictEqual(
        items.map(({ sample, status }) => [status, sample?.finish_reason, sample?.output[0]?.content]),
        [
          ["fail", "length", "ye"],
          ["fail", "content_filter", ""]
        ]
      )
    })
  )

  it.effect("does not use a sample that a row has", () =>
    Effect.gen(function* () {
      const content = [{ item: { ask: "Hi", label: "yes" }, sample: { output_text: "no" } }]
      const { items } = yield* executed(asking([], { source: { type: "file_content", content } }))
      assert.strictEqual(items[0]?.status, "pass")
    }).pipe(Effect.provide(EvalsTest.layerWith({ models: () => "yes" })))
  )

  it.effect("is refused if its model has no endpoint, but its eval is not", () =>
    Effect.gen(function* () {
      const { json } = yield* send("POST", "/evals", definition())
      const refused = yield* send("POST", `/evals/${String(at(json, "id"))}/runs`, asking([{ ask: "Hi" }]))
      assert.strictEqual(refused.status, 400)
      assert.deepInclude(at(refused.json, "error"), { code: "model_not_configured", param: "data_source.model" })
      assert.include(String(at(refused.json, "error", "message")), "--models FILE")
    }).pipe(Effect.provide(EvalsTest.layer))
  )

  it.live("lists items as their rows finish, in the order of the rows, and all of them once it has ended", () =>
    Effect.gen(function* () {
      const slow = yield* Deferred.make<void>()
      const layer = EvalsTest.layerWith({
        models: ({ text }) => (text === "1" ? Effect.as(Deferred.await(slow), "yes") : "yes")
      })
      yield* Effect.gen(function* () {
        const { id } = yield* createEval(definition())
        const { id: runId } = yield* createRun(id, asking(["0", "1", "2", "3"].map((ask) => ({ ask }))))
        const rowsOf = Effect.map(Stream.runCollect(listOutputItems(id, runId)), (items) =>
          items.map(({ datasource_item_id }) => datasource_item_id)
        )
        const three = watchRun(id, runId).pipe(
          Stream.filter(({ result_counts }) => result_counts.total === 3),
          Stream.runHead
        )
        assert.isTrue(Option.isSome(yield* three))
        assert.deepStrictEqual(yield* rowsOf, [0, 2, 3])
        const last = (yield* Stream.runCollect(listOutputItems(id, runId))).at(-1)
        yield* Deferred.succeed(slow, undefined)
        yield* awaitRun(id, runId)
        assert.deepStrictEqual(yield* rowsOf, [0, 1, 2, 3])
        // who has read up to the last row does not see the one that finished later
        const query = last === undefined ? {} : { after: last.id }
        assert.deepStrictEqual(yield* Stream.runCollect(listOutputItems(id, runId, query)), [])
      }).pipe(Effect.provide(layer))
    })
  )
})
