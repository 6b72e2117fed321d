/** A model's endpoint receives the requests that openai-node sends for the same things. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect, Layer, Redacted } from "effect"
import { awaitRun, EvalId, RunId } from "effect-evals"
import { Models } from "effect-evals/engine"
import { EvalsTest } from "effect-evals/testing/engine"
import { FetchHttpClient } from "effect/http"
import OpenAI, { AzureOpenAI } from "openai"
import { at, send } from "../../behaviour/lib/engine.ts"
import { completion, type ModelServer, type Received, response, serve } from "../../lib/modelServer.ts"
import { judges } from "./lib/judges.ts"
import { item, type Json, parameters, schema, type Theirs } from "./lib/material.ts"
import { sources } from "./lib/sources.ts"

const key = "sk-conformance"

const options = { apiKey: key, maxRetries: 0 }

/** Headers that openai-node adds of itself and that the API does not need. */
const own = /^(?:x-stainless-.*|user-agent|host)$/

/** A request without the name of its sender. */
const wireOf = ({ body, headers, method, path, query }: Received) => ({
  method,
  path,
  query: Object.fromEntries(query),
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !own.test(name))),
  body
})

/** Answers every request in its API: with a label where one is asked for, else with a score. */
const answers = () =>
  serve(({ body, path }) => {
    const text = JSON.stringify({ steps: [], result: JSON.stringify(body).includes('"rude"') ? "kind" : 1 })
    const data = [0, 1].map((index) => ({ object: "embedding", index, embedding: [1, index] }))
    return {
      body:
        path === "/embeddings"
          ? { object: "list", model: "text-embedding-3-large", data }
          : path.endsWith("/responses")
            ? response(text)
            : completion(text)
    }
  })

/** The server. */
class Asked extends Context.Service<Asked, ModelServer>()("test/Asked") {
  static readonly layer = Layer.effect(Asked, answers())
}

const azure = { "api-version": "2025-04-01-preview" }

const deployments = (baseUrl: string) => baseUrl.replace(/v1$/, "openai/deployments/azure")

/** Models of the server, of which most are named by the APIs that their endpoints have. */
const models = Layer.unwrap(
  Asked.useSync(({ baseUrl }) => {
    const entry = { baseUrl, key: Redacted.make(key) }
    return Layer.orDie(
      Models.layer([
        ...(["both", "chat", "responses"] as const).map((api) => ({ ...entry, match: api, api })),
        { ...entry, match: "organized", headers: { "OpenAI-Organization": "org-1", "OpenAI-Project": "proj_1" } },
        { ...entry, match: "azure", baseUrl: deployments(baseUrl), auth: "api-key", query: azure },
        { ...entry, match: "text-embedding-3-large" }
      ])
    )
  })
)

const engine = Layer.provideMerge(EvalsTest.layer.pipe(Layer.provide(models)), Asked.layer).pipe(
  Layer.provide(FetchHttpClient.layer)
)

/** Runs an eval of one row to its end. */
const evaluated = (testing_criteria: ReadonlyArray<Json>, data_source: Json) =>
  Effect.gen(function* () {
    const data_source_config = { type: "custom", item_schema: { type: "object" }, include_sample_schema: true }
    const made = yield* send("POST", "/evals", { data_source_config, testing_criteria })
    assert.strictEqual(made.status, 201, JSON.stringify(made.json))
    const evalId = EvalId.make(String(at(made.json, "id")))
    const run = yield* send("POST", `/evals/${evalId}/runs`, { data_source })
    assert.strictEqual(run.status, 201, JSON.stringify(run.json))
    return yield* awaitRun(evalId, RunId.make(String(at(run.json, "id"))))
  })

/** Checks that a run makes the server receive what openai-node sends. */
const compare = (
  run: ReturnType<typeof evaluated>,
  theirs: (client: OpenAI) => PromiseLike<unknown>,
  clientOf: (baseURL: string) => OpenAI = (baseURL) => new OpenAI({ ...options, baseURL })
) =>
  Effect.gen(function* () {
    const { baseUrl, requests } = yield* Asked
    const before = requests.length
    const { result_counts } = yield* run
    assert.deepStrictEqual(result_counts, { total: 1, errored: 0, failed: 0, passed: 1 })
    yield* Effect.promise(async () => theirs(clientOf(baseUrl)))
    const [first, second, ...more] = requests.slice(before).map(wireOf)
    assert.deepStrictEqual(more, [])
    assert.deepStrictEqual(first, second)
  })

const sendTheirs = (model: string, theirs: Theirs) => (client: OpenAI) =>
  "chat" in theirs
    ? client.chat.completions.create({ model, ...theirs.chat })
    : client.responses.create({ model, ...theirs.responses })

const source = { type: "file_content", content: [{ item }] }

const always = { type: "string_check", name: "always", input: "a", reference: "a", operation: "eq" }

layer(engine)("the request of a data source is openai-node's", (it) => {
  for (const { input_messages, name, sampling_params = null, theirs, type } of sources) {
    it.effect(`${type}: ${name}`, () =>
      compare(
        evaluated([always], { type, model: "both", source, input_messages, sampling_params }),
        sendTheirs("both", theirs)
      )
    )
  }
})

layer(engine)("the request of a grader is openai-node's", (it) => {
  for (const { chat, grader, name, responses } of judges) {
    for (const [model, theirs] of Object.entries({ chat, responses })) {
      it.effect(`${name}, by ${model}`, () =>
        compare(evaluated([{ ...grader, model }], { type: "jsonl", source }), sendTheirs(model, theirs))
      )
    }
  }
})

const said = { role: "user", content: item.ticket } as const
const input_messages = { type: "item_reference", item_reference: "item.ticket" }
const format = { type: "json_schema", name: "answer", schema, strict: true } as const

layer(engine)("a request is openai-node's", (it) => {
  it.effect("with an organization and a project", () =>
    compare(
      evaluated([always], { type: "completions", model: "organized", source, input_messages }),
      sendTheirs("organized", { chat: { messages: [said] } }),
      (baseURL) => new OpenAI({ ...options, baseURL, organization: "org-1", project: "proj_1" })
    )
  )

  it.effect("on Azure", () =>
    compare(
      evaluated([always], { type: "completions", model: "azure", source, input_messages }),
      sendTheirs("azure", { chat: { messages: [said] } }),
      (baseURL) => new AzureOpenAI({ ...options, baseURL: deployments(baseURL), apiVersion: azure["api-version"] })
    )
  )

  it.effect("for embeddings", () =>
    compare(
      evaluated(
        [
          {
            type: "text_similarity",
            name: "near",
            input: "{{ item.ticket }}",
            reference: "black screen",
            evaluation_metric: "cosine",
            pass_threshold: 0
          }
        ],
        { type: "jsonl", source }
      ),
      (client) =>
        client.embeddings.create({
          model: "text-embedding-3-large",
          input: [item.ticket, "black screen"],
          encoding_format: "float"
        })
    )
  )

  it.effect("where the endpoint of a responses data source only has chat completions", () =>
    compare(
      evaluated([always], {
        type: "responses",
        model: "chat",
        source,
        input_messages,
        sampling_params: {
          seed: 7,
          max_completion_tokens: 99,
          reasoning_effort: "low",
          text: { format },
          tools: [{ type: "function", name: "get_weather", parameters, strict: true }]
        }
      }),
      sendTheirs("chat", {
        chat: {
          messages: [said],
          seed: 7,
          max_completion_tokens: 99,
          reasoning_effort: "low",
          response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
          tools: [{ type: "function", function: { name: "get_weather", parameters, strict: true } }]
        }
      })
    )
  )

  it.effect("where the endpoint of a completions data source only has responses", () =>
    compare(
      evaluated([always], {
        type: "completions",
        model: "responses",
        source,
        input_messages,
        sampling_params: {
          seed: 7,
          max_completion_tokens: 99,
          reasoning_effort: "low",
          response_format: { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
          tools: [{ type: "function", function: { name: "get_weather", parameters } }]
        }
      }),
      sendTheirs("responses", {
        responses: {
          input: [said],
          max_output_tokens: 99,
          reasoning: { effort: "low", summary: "auto" },
          text: { format },
          tools: [{ type: "function", name: "get_weather", parameters, strict: false }],
          store: false
        }
      })
    )
  )
})
