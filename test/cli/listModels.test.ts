import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { completion, failure, type Received, type Reply, serve } from "../lib/modelServer.ts"
import { key } from "./lib/asking.ts"
import { command, type Ended } from "./lib/memory.ts"

const secret = "another-secret-in-a-header"

const keeps = (ended: Ended): Ended => {
  for (const text of [ended.stdout, ended.stderr]) {
    assert.notInclude(text, key)
    assert.notInclude(text, secret)
  }
  return ended
}

const models = (entries: ReadonlyArray<object>) => (args: ReadonlyArray<string>) =>
  Effect.flatMap(folder, (path) => {
    const file = join(path, "models.json")
    writeFileSync(file, JSON.stringify({ entries }))
    return Effect.map(command(["models", "--models", file, ...args]), keeps)
  })

const entries = [
  {
    match: "gpt-4.1*",
    baseUrl: `https://api.openai.com/v1?token=${secret}`,
    key,
    api: "both",
    model: "gpt-5",
    headers: { "x-secret": secret },
    limits: { inFlight: 64, requestsPerMinute: 5000, tokensPerMinute: 100_000 },
    price: { input: 2, cachedInput: 0.5, output: 8 }
  },
  { match: "*", baseUrl: "http://127.0.0.1:11434/v1" }
]

describe("effect-evals models", () => {
  it.live("lists the entries without their keys", () =>
    Effect.gen(function* () {
      const listed = yield* models(entries)([])
      assert.strictEqual(listed.code, 0, listed.stderr)
      const [title = "", ...lines] = listed.stdout.split("\n")
      assert.match(title, /^models of \S+models\.json$/)
      assert.deepStrictEqual(
        lines.map((line) => line.split(/ {2,}/)),
        [
          ["match", "endpoint", "sent as", "api", "key", "limits", "price per million tokens"],
          [
            "gpt-4.1*",
            "https://api.openai.com/v1",
            "gpt-5",
            "chat, responses",
            "given",
            "64 in flight, 5,000 requests/min, 100,000 tokens/min",
            "2 in, 0.5 cached, 8 out"
          ],
          ["*", "http://127.0.0.1:11434/v1", "found out", "none", "learned", "none"],
          [""]
        ]
      )
      const json = yield* models(entries)(["--json"])
      assert.deepStrictEqual(
        JSON.parse(json.stdout).entries.map((entry: { readonly key: string }) => entry.key),
        ["given", "none"]
      )
    })
  )

  it.live("ends with exit code 2 where no endpoint is configured, and says how to name one", () =>
    Effect.gen(function* () {
      const ended = yield* command(["models"])
      assert.deepStrictEqual([ended.code, ended.stdout], [2, ""])
      assert.match(ended.stderr, /No endpoint of models is configured\. Name one with --models FILE/)
      const { stdout } = yield* command(["models"], { env: { OPENAI_API_KEY: key } })
      assert.match(stdout, /^models of OPENAI_API_KEY\n.*\n\* +https:\/\/api\.openai\.com\/v1 /)
    })
  )

  it.live("asks a model one small question, and says what came of it", () =>
    Effect.gen(function* () {
      const script = (received: Received): Reply =>
        received.path === "/embeddings"
          ? { body: { model: "embed-2", data: [{ index: 0, embedding: [1, 2, 3] }], usage: { prompt_tokens: 5 } } }
          : received.body["model"] === "gpt-5"
            ? { body: completion("ok") }
            : { status: 401, body: failure(`Incorrect API key provided: ${key}`) }
      const server = yield* serve(script)
      const check = models([
        { match: "gpt-4.1*", baseUrl: server.baseUrl, key, model: "gpt-5" },
        { match: "embed-*", baseUrl: server.baseUrl, key },
        { match: "down-*", baseUrl: "http://127.0.0.1:1/v1" },
        { match: "refused-*", baseUrl: server.baseUrl, key, api: "chat" }
      ])
      const asked = yield* check(["--check", "gpt-4.1-mini"])
      assert.strictEqual(asked.code, 0, asked.stderr)
      assert.match(
        asked.stdout,
        /^model +gpt-4\.1-mini, sent as gpt-5\nendpoint +http:\S+, of the entry "gpt-4\.1\*"\nanswer +in 0\.\d s, over \/chat\/completions\nanswered by +gpt-4\.1-2025-04-14\ntokens +18\ntext +ok\n$/
      )
      assert.strictEqual(server.requests.length, 1)
      const embedded = JSON.parse((yield* check(["--check", "embed-1", "--json"])).stdout)
      assert.deepStrictEqual([embedded.model, embedded.api, embedded.text], ["embed-2", "/embeddings", "3 numbers"])
      const refused = yield* check(["--check", "refused-1"])
      assert.strictEqual(refused.code, 2)
      assert.match(refused.stderr, /model "refused-1" at http:\S+: .*Incorrect API key provided: <redacted>/)
      const unknown = yield* check(["--check", "other"])
      assert.strictEqual(unknown.code, 2)
      assert.match(unknown.stderr, /model "other": no entry of the models matches \("gpt-4\.1\*", "embed-\*"/)
      const down = yield* check(["--check", "down-1"])
      assert.strictEqual(down.code, 2)
      assert.match(down.stderr, /http:\/\/127\.0\.0\.1:1\/v1 .*ECONNREFUSED[^]*cannot be reached/)
    })
  )
})
