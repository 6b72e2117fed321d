/** The archive of a service that has ended, played by a proxy that answers for OpenAI's host. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { verify, Database } from "effect-evals/archive"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import { type Answer, answeringBy } from "./lib/answering.ts"
import { command } from "./lib/memory.ts"

const timeout = 30_000

const json = (value: object, status = 200): Answer => ({
  status,
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" }
})

const page: Answer = {
  status: 404,
  body: "<html><body>404 Not Found</body></html>",
  headers: { "content-type": "text/html" }
}
const gone = json({ error: { message: "The Evals API has been shut down.", type: "invalid_request_error" } }, 410)

const file = { object: "file", id: "file-1", filename: "rows.jsonl", purpose: "evals", bytes: 5, created_at: 7 }

const archiving = (answerOf: (path: string) => Answer) =>
  Effect.gen(function* () {
    const port = yield* answeringBy(answerOf)
    const db = join(yield* folder, "evals.db")
    const run = (...args: ReadonlyArray<string>) =>
      command([...args, "--base-url", "http://api.openai.com/v1"], {
        env: { OPENAI_API_KEY: "sk-ended", HTTP_PROXY: `http://127.0.0.1:${port}` }
      })
    return { db, run }
  })

const times = (text: string): number => text.split("ended on 2026-11-30").length - 1

describe("effect-evals archive of a service that has ended", () => {
  for (const [name, answer] of [
    ["410", gone],
    ["a page", page]
  ] as const) {
    it.live(
      `says so once where it is answered with ${name}, and makes no file`,
      () =>
        Effect.gen(function* () {
          const { db, run } = yield* archiving(() => answer)
          const ended = yield* run("archive", "--db", db)
          assert.deepStrictEqual([ended.code, ended.stdout], [2, ""])
          assert.strictEqual(times(ended.stderr), 1, ended.stderr)
          assert.match(ended.stderr, /npx effect-evals serve.*If you did not archive/)
          assert.notMatch(ended.stderr, /does not look like|again|Check --base-url/)
          assert.isFalse(existsSync(db))
          const listed = yield* run("list")
          assert.strictEqual(listed.code, 2)
          assert.strictEqual(times(listed.stderr), 1, listed.stderr)
        }),
      timeout
    )
  }

  it.live(
    "saves the files that can still be read, and leaves an earlier archive intact",
    () =>
      Effect.gen(function* () {
        const { db, run } = yield* archiving((path) =>
          path.startsWith("/v1/evals")
            ? gone
            : path.endsWith("/content")
              ? { status: 200, body: "hello" }
              : json({ object: "list", data: [file], has_more: false })
        )
        const ended = yield* run("archive", "--db", db)
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.strictEqual(times(ended.stderr) + times(ended.stdout), 1, ended.stderr)
        assert.match(ended.stderr, /^Its files for evals can still be read, and only they are saved\.$/m)
        assert.match(ended.stdout, /^files +1 +0 +0$/m)
        assert.deepStrictEqual(rows(db, "SELECT id FROM archive_problems"), [])
        assert.isTrue((yield* verify().pipe(Effect.provide(Database.layer({ filename: db, readonly: true })))).complete)
        const dry = yield* run("archive", "--db", db, "--dry-run")
        assert.match(dry.stdout, /0 evals, .*1 file \(5 B\)/)
        assert.deepStrictEqual([dry.code, times(dry.stderr) + times(dry.stdout)], [0, 1])
      }),
    timeout
  )
})
