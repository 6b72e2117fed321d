/** What openai-node's `files` is answered. */
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, type Vitest } from "@effect/vitest"
import { Effect } from "effect"
import { NotFoundError, toFile, toStreamingFile } from "openai"
import { all, at, type Backend, errorOf, using } from "./backend.ts"
import { jsonl, rows } from "./material.ts"

const text = jsonl([...rows, { item: { ticket: "Ünï ☃", label: "Software" } }])
const bytes = Buffer.from(text)

/** A folder that is gone afterwards. */
const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-evals-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

async function* pieces() {
  for (let at = 0; at < bytes.length; at += 50) yield bytes.subarray(at, at + 50)
}

export const files = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("create answers 200 with the file, which is there at once", () =>
    Effect.gen(function* () {
      yield* at(1_700_000_000)
      yield* using(async (client) => {
        const { data, request_id, response } = await client.files
          .create({ file: await toFile(bytes, "rows.jsonl"), purpose: "evals" })
          .withResponse()
        assert.strictEqual(response.status, 200)
        assert.match(request_id ?? "", /^req_[0-9a-f]{32}$/)
        assert.deepEqual<unknown>(data, {
          object: "file",
          id: data.id,
          purpose: "evals",
          filename: "rows.jsonl",
          bytes: bytes.length,
          created_at: 1_700_000_000,
          expires_at: null,
          status: "processed",
          status_details: null
        })
        assert.match(data.id, /^file-/)
        assert.deepEqual(await client.files.retrieve(data.id), data)
        assert.deepEqual(await client.files.waitForProcessing(data.id), data)
      })
    })
  )

  it.effect("create takes whatever openai-node can upload, and content gives the same bytes back", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "on disk.jsonl")
      writeFileSync(path, bytes)
      yield* using(async (client) => {
        const uploads = [
          ["on disk.jsonl", createReadStream(path)],
          ["a file.jsonl", new File([bytes], "a file.jsonl", { type: "application/jsonl" })],
          ["an answer.jsonl", await toFile(new Response(bytes), "an answer.jsonl")],
          ["Zeilen für München ☃.jsonl", await toFile(bytes, "Zeilen für München ☃.jsonl")],
          ["piece by piece.jsonl", toStreamingFile(pieces(), "piece by piece.jsonl")]
        ] as const
        for (const [filename, file] of uploads) {
          const made = await client.files.create({ file, purpose: "evals" })
          assert.deepStrictEqual([made.filename, made.bytes], [filename, bytes.length])
          const content = await client.files.content(made.id)
          assert.strictEqual(content.status, 200)
          assert.strictEqual(content.headers.get("content-type"), "application/octet-stream")
          assert.match(content.headers.get("content-disposition") ?? "", /^attachment; filename="/)
          assert.deepStrictEqual(Buffer.from(await content.arrayBuffer()), bytes, filename)
        }
      })
    })
  )

  it.effect("create keeps a file no longer than it is told to", () =>
    Effect.gen(function* () {
      yield* at(1_700_001_000)
      const made = yield* using(async (client) => {
        const made = await client.files.create({
          file: await toFile(bytes, "rows.jsonl"),
          purpose: "evals",
          expires_after: { anchor: "created_at", seconds: 3600 }
        })
        assert.strictEqual(made.expires_at, 1_700_004_600)
        return made
      })
      yield* at(1_700_004_599)
      yield* using(async (client) => {
        assert.deepEqual(await client.files.retrieve(made.id), made)
      })
      yield* at(1_700_004_600)
      yield* using(async (client) => {
        assert.instanceOf(await errorOf(client.files.retrieve(made.id)), NotFoundError)
        assert.instanceOf(await errorOf(client.files.content(made.id)), NotFoundError)
      })
    })
  )

  it.effect("delete answers which file is gone, and it is", () =>
    using(async (client) => {
      const made = await client.files.create({ file: await toFile(bytes, "rows.jsonl"), purpose: "evals" })
      const { data, response } = await client.files.delete(made.id).withResponse()
      assert.strictEqual(response.status, 200)
      assert.deepEqual(data, { object: "file", deleted: true, id: made.id })
      assert.instanceOf(await errorOf(client.files.retrieve(made.id)), NotFoundError)
      assert.instanceOf(await errorOf(client.files.content(made.id)), NotFoundError)
      assert.instanceOf(await errorOf(client.files.delete(made.id)), NotFoundError)
    })
  )
}

/** Lists, in an engine that holds nothing else. */
export const listedFiles = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect(
    "list has nothing at first, and then goes over 110 files, newest first where nothing is said, page by page, and by purpose",
    () =>
      using(async (client) => {
        assert.deepStrictEqual((await client.files.list()).data, [])
        const made: Array<string> = []
        for (let count = 0; count < 110; count++) {
          const file = new File([`{"item":{"n":${count}}}\n`], `rows ${count}.jsonl`)
          made.push((await client.files.create({ file, purpose: count % 11 === 0 ? "user_data" : "evals" })).id)
        }
        const idsOf = async (query?: OpenAIFiles) => (await all(client.files.list(query))).map(({ id }) => id)
        assert.deepStrictEqual(await idsOf(), made.toReversed())
        assert.strictEqual((await client.files.list()).data.length, 110)
        assert.deepStrictEqual(await idsOf({ limit: 25 }), made.toReversed())
        assert.deepStrictEqual(await idsOf({ limit: 30, order: "asc" }), made)
        const userData = made.filter((_, index) => index % 11 === 0)
        assert.deepStrictEqual(await idsOf({ limit: 4, purpose: "user_data", order: "asc" }), userData)
        assert.deepStrictEqual(await idsOf({ purpose: "batch" }), [])
        const next = await client.files.list({ after: made[10] ?? "", limit: 2, order: "asc" })
        assert.deepStrictEqual([next.data.map(({ id }) => id), next.has_more], [[made[11], made[12]], true])
      })
  )
}

type OpenAIFiles = { limit?: number; order?: "asc" | "desc"; purpose?: string }
