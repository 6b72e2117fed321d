import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as PromptTokens from "../../src/cli/promptTokens.ts"
import { folder } from "../archive/lib/run.ts"
import { serve } from "../lib/modelServer.ts"
import { answering, key, write, writeModels } from "./lib/asking.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const timeout = 60_000

const place = Effect.gen(function* () {
  const path = yield* folder
  const models = yield* serve(answering)
  const file = writeModels(join(path, "models.json"), {
    baseUrl: `${models.baseUrl}?token=${key}`,
    api: "chat",
    price: { input: 1_000_000, output: 0 },
    parameters: { rename: { max_completion_tokens: "max_tokens" } }
  })
  const db = join(path, "evals.db")
  const dry = (...args: ReadonlyArray<string>) =>
    Effect.map(command(["run", ...args, "--dry-run", "--models", file, "--db", db]), (ended) => {
      assert.notInclude(ended.stdout + ended.stderr, key)
      return ended
    })
  return { path, models, file, db, dry }
})

describe("effect-evals run --dry-run", () => {
  it.live(
    "shows the requests of the first rows as they would be sent; it sends and creates nothing",
    () =>
      Effect.gen(function* () {
        const { db, dry, file, models, path } = yield* place
        const made = write(join(path, "definition.json"), ["a", "b", "c", "d"])
        const ended = yield* dry(made, "--json")
        assert.strictEqual(ended.code, 0, ended.stderr)
        const { models: named, requests, rows } = JSON.parse(ended.stdout)
        assert.strictEqual(rows, 4)
        assert.deepStrictEqual(named, [
          {
            by: "run.data_source",
            model: "gpt-4.1",
            purpose: "samples",
            endpoint: models.baseUrl,
            sent_as: "gpt-4.1"
          },
          { by: "judged", model: "judge-1", purpose: "judges", endpoint: models.baseUrl, sent_as: "judge-1" }
        ])
        assert.deepStrictEqual([models.requests.length, existsSync(db)], [0, false])
        // the same definition for real
        const run = yield* command(["run", made, "--models", file, "--db", db, "--json"])
        assert.strictEqual(run.code, 0, run.stderr)
        const sent = new Set(models.requests.map(({ body }) => JSON.stringify(body)))
        for (const { body, method, purpose, row, url } of requests) {
          assert.deepStrictEqual([method, url], ["POST", `${models.baseUrl}/chat/completions`])
          const text = JSON.stringify(body).replace("<the answer of gpt-4.1>", ["a", "b", "c"][row] ?? "")
          assert.isTrue(sent.has(text), text)
          if (purpose === "judges") assert.strictEqual(body.max_tokens, 4096)
        }
        assert.deepStrictEqual(
          requests.map(({ purpose, row }: { readonly purpose: string; readonly row: number }) => [row, purpose]),
          [0, 1, 2].flatMap((row) => [
            [row, "samples"],
            [row, "judges"]
          ])
        )
        const text = yield* dry(made)
        const [title, , ...lines] = text.stdout.split("\n")
        assert.strictEqual(title, `dry run of ${made}: nothing is sent, and nothing is created`)
        assert.deepStrictEqual(
          lines.slice(0, 3).map((line) => line.split(/ {2,}/)),
          [
            ["rows", "4 rows, all valid"],
            ["samples", "run.data_source", "gpt-4.1", models.baseUrl],
            ["judges", "judged", "judge-1", models.baseUrl]
          ]
        )
        assert.include(
          text.stdout,
          `row 2 judges: POST ${models.baseUrl}/chat/completions\n  {\n    "model": "judge-1",`
        )
      }),
    timeout
  )

  it.live(
    "refuses what a run refuses: a row, a model without an endpoint, a definition",
    () =>
      Effect.gen(function* () {
        const { db, dry, models, path } = yield* place
        const made = write(join(path, "definition.json"), ["a"])
        const data = Definition.writeRows(join(path, "rows.jsonl"), [
          { item: { label: "a" } },
          { item: { label: "b" } },
          { item: { label: 3 } }
        ])
        const row = yield* dry(made, "--data", data)
        assert.strictEqual(row.code, 2)
        assert.match(row.stderr, /line 3 of \S+rows\.jsonl.*label/)
        const unnamed = yield* command(["run", made, "--dry-run", "--db", db])
        assert.strictEqual(unnamed.code, 2)
        assert.match(unnamed.stderr, /model "gpt-4\.1": no endpoint is configured\. Name one: --models/)
        const host = yield* command(["run", made, "--dry-run", "--base-url", models.baseUrl])
        assert.match(host.stderr, /--dry-run and --base-url cannot be combined/)
        assert.deepStrictEqual([models.requests.length, existsSync(db)], [0, false])
      }),
    timeout
  )

  it.live(
    "reads rows of --data and of a file that was uploaded before, and says that a definition asks nobody",
    () =>
      Effect.gen(function* () {
        const { db, dry, file, path } = yield* place
        const made = write(join(path, "definition.json"), ["a"])
        const rows = Array.from({ length: 150 }, (_, row) => ({ item: { label: `l${row}` } }))
        const data = Definition.writeRows(join(path, "rows.jsonl"), rows)
        const given = JSON.parse((yield* dry(made, "--data", data, "--json")).stdout)
        assert.deepStrictEqual([given.rows, given.requests[4].body.messages[0].content], [150, "Label: l2"])
        const run = JSON.parse(
          (yield* command(["run", made, "--data", data, "--models", file, "--db", db, "--json"])).stdout
        )
        const definition = JSON.parse(readFileSync(made, "utf8"))
        definition.run.data_source.source = run.run.data_source.source
        writeFileSync(made, JSON.stringify(definition))
        const again = JSON.parse((yield* dry(made, "--json")).stdout)
        assert.deepStrictEqual(again, given)
        const plain = yield* dry(Definition.write(join(path, "plain.json")))
        assert.match(plain.stdout, /rows {5}4 rows, all valid\nmodels {3}none is asked\n$/)
      }),
    timeout
  )
})

describe("tokens of prompts", () => {
  const words = PromptTokens.counterOf((text) => text.split(/\s+/).filter((word) => word !== "").length)

  it("are those of messages, tools and formats, without images", () => {
    const body = {
      model: "m",
      messages: [
        { role: "system", content: "one two" },
        {
          role: "user",
          content: [
            { type: "text", text: "three" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA BBBB" } }
          ]
        }
      ],
      tools: [{ type: "function" }]
    }
    assert.strictEqual(PromptTokens.tokensOf(body, words), 3 + 2 * 4 + 1)
    assert.strictEqual(PromptTokens.tokensOf({ model: "m", input: ["one", "two three"] }, words), 3)
  })

  it("are counted in pieces, as a long text without blanks takes the square of its length", () => {
    const seen: Array<string> = []
    const count = PromptTokens.counterOf((text) => seen.push(text))
    const text = "字😀".repeat(1000)
    count(text)
    assert.strictEqual(seen.join(""), text)
    for (const piece of seen) assert.isTrue(piece.length <= 1000 && piece.isWellFormed())
  })

  it("need a package that may be missing", () =>
    Effect.runPromise(
      Effect.map(PromptTokens.load("gpt-4.1"), (count) => {
        // a tree with the package counts with it
        if (count !== undefined) assert.strictEqual(count("hello <|endoftext|>"), 8)
        assert.include(PromptTokens.missing, "npm install gpt-tokenizer")
      })
    ))

  it("are those of the vocabulary of the model", () => {
    assert.deepStrictEqual(
      ["gpt-4", "gpt-4-turbo", "gpt-4o", "gpt-4.1", "gpt-5", "llama3"].map(PromptTokens.vocabularyOf),
      ["cl100k_base", "cl100k_base", "o200k_base", "o200k_base", "o200k_base", "o200k_base"]
    )
  })
})
