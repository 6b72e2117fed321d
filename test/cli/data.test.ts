import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { createWriteStream, existsSync, readFileSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"
import { setTimeout } from "node:timers/promises"
import { gzipSync } from "node:zlib"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import { start } from "./lib/command.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"
import { type Failing, writable } from "./lib/writable.ts"

const timeout = 60_000

const pipe = (path: string): string => {
  execFileSync("mkfifo", [path])
  return path
}

/** Writes a text into a pipe, once somebody reads it. */
const fill = (path: string, text: string) =>
  Effect.promise(
    () =>
      new Promise<void>((done) => {
        createWriteStream(path).end(text, () => done())
      })
  )

const textOf = (some: ReadonlyArray<object>) => some.map((row) => `${JSON.stringify(row)}\n`).join("")

const place = Effect.map(folder, (path) => ({
  path,
  db: join(path, "evals.db"),
  made: Definition.write(join(path, "definition.json"))
}))

describe("effect-evals run --data", () => {
  it.live(
    "reads rows and a definition from pipes, also from slow writers",
    () =>
      Effect.gen(function* () {
        const { db, made, path } = yield* place
        const data = pipe(join(path, "rows"))
        const definition = pipe(join(path, "definition"))
        const running = yield* Effect.forkChild(command(["run", definition, "--data", data, "--db", db, "--json"]))
        yield* Effect.promise(() => setTimeout(50))
        yield* fill(definition, readFileSync(made, "utf8"))
        // more than a pipe holds
        yield* fill(data, textOf(Definition.rowsOf(4000)))
        const ended = yield* Fiber.join(running)
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.strictEqual(JSON.parse(ended.stdout).run.result_counts.total, 4000)
        assert.deepStrictEqual(rows(db, "SELECT filename FROM files"), [{ filename: "rows" }])
      }),
    timeout
  )

  it.live(
    "waits for a silent pipe, ends at SIGTERM, and has created nothing",
    () =>
      Effect.gen(function* () {
        const { db, made, path } = yield* place
        const data = pipe(join(path, "rows"))
        const { child, ended } = start(["run", made, "--data", data, "--db", db])
        // opening it for writing waits until it is read
        const writer = createWriteStream(data)
        yield* Effect.promise(() => once(writer, "open"))
        child.kill("SIGTERM")
        const { code, stderr } = yield* Effect.promise(() => ended)
        writer.destroy()
        assert.deepStrictEqual([code, stderr], [130, ""])
        assert.isFalse(existsSync(db))
      }),
    timeout
  )

  it.live(
    "refuses by its name a path that is no file and no pipe, before anything is created",
    () =>
      Effect.gen(function* () {
        const { db, made, path } = yield* place
        const socket = join(path, "socket")
        const server = createServer()
        yield* Effect.promise(() => new Promise<void>((done) => server.listen(socket, () => done())))
        const cases = [
          [path, /is a directory: name a file in it\.$/m],
          ["/dev/null", /^effect-evals: \/dev\/null is no file and no pipe: name a file/m],
          [socket, /socket is no file and no pipe/],
          [join(path, "none"), /none: there is no such file\.$/m]
        ] as const
        for (const [data, words] of cases) {
          const { code, stderr } = yield* command(["run", made, "--data", data, "--db", db])
          assert.match(stderr, words)
          assert.strictEqual(code, 2)
        }
        server.close()
        const { code, stderr } = yield* command(["run", path, "--db", db])
        assert.deepStrictEqual([code, stderr], [2, `effect-evals: ${path} is a directory: name a file in it.\n`])
        assert.isFalse(existsSync(db))
      }),
    timeout
  )

  it.live(
    "refuses rows and a definition of another file kind before anything is created",
    () =>
      Effect.gen(function* () {
        const { db, made, path } = yield* place
        const row = '{"item":{"label":"a"},"sample":{"output_text":"a"}}'
        const cases: ReadonlyArray<readonly [content: string | Uint8Array, words: RegExp]> = [
          [Buffer.from(`\uFEFF${row}\n`, "utf16le"), /data is UTF-16, and not UTF-8: save it as UTF-8\.$/m],
          [gzipSync(row), /data is compressed with gzip: unpack it first \(gunzip\)\.$/m],
          ["label,answer\na,b\n", /data looks like CSV: write one object a line, .*say --format csv\.$/m],
          [`[${row},\n${row}]`, /data is one JSON array: write one object a line/],
          ["", /data has no rows: it is empty, or each of its lines is blank\.$/m],
          [" \n\r\n\t", /data has no rows: it is empty/],
          [
            "\n{}\n",
            /^effect-evals: line 2 of .*data \(row 0, counted from 0\), item: expected an object, got nothing$/m
          ],
          [Buffer.from('{"item":{"label":"ä"}}', "latin1"), /line 1 of .*data .*: is not UTF-8: save it as UTF-8$/m],
          ['{\n  "item": {}\n}\n', /data has objects that go over several lines/]
        ]
        const data = join(path, "data")
        for (const [content, words] of cases) {
          writeFileSync(data, content)
          const { code, stderr } = yield* command(["run", made, "--data", data, "--db", db])
          assert.match(stderr, words)
          assert.strictEqual(code, 2)
        }
        writeFileSync(data, Buffer.from(readFileSync(made, "utf8"), "utf16le"))
        assert.match((yield* command(["run", data, "--db", db])).stderr, /data is UTF-16, and not UTF-8/)
        assert.isFalse(existsSync(db))
      }),
    timeout
  )

  it.live(
    "shows the keys of a line that is no row",
    () =>
      Effect.gen(function* () {
        const { db, made, path } = yield* place
        const data = Definition.writeRows(join(path, "data.jsonl"), [{ question: "?", answer: "!" }])
        const { code, stderr } = yield* command(["run", made, "--data", data, "--db", db])
        assert.strictEqual(code, 2)
        assert.match(
          stderr,
          /item: expected an object, got nothing; a row is \{"item": …, "sample": …\}, and this line has the keys question, answer$/m
        )
      }),
    timeout
  )
})

describe("objects that were created before a run", () => {
  const running = (failing: Failing, filename = "rows.jsonl") =>
    Effect.gen(function* () {
      const { made, path } = yield* place
      const host = yield* writable(failing)
      const data = Definition.writeRows(join(path, filename), Definition.rowsOf(2))
      const ended = yield* command(["run", made, "--data", data, "--base-url", host.url])
      return { ...ended, deleted: host.deleted }
    })

  it.live(
    "are deleted after any failure",
    () =>
      Effect.gen(function* () {
        const upload = yield* running({ upload: 413 })
        assert.deepStrictEqual([upload.code, upload.deleted], [2, ["/evals/eval_1"]], upload.stderr)
        assert.match(upload.stderr, /^removed {2}eval_1, since there is no run$/m)
        const named = yield* running({}, "a\u0001b.jsonl")
        assert.deepStrictEqual([named.code, named.deleted], [2, ["/evals/eval_1"]], named.stderr)
        assert.match(named.stderr, /filename: expected a file name without control characters, got one with U\+0001/)
        for (const status of [400, 500]) {
          const refused = yield* running({ run: status })
          assert.deepStrictEqual([refused.code, refused.deleted], [2, ["/evals/eval_1", "/files/file-1"]])
          assert.match(refused.stderr, /^removed {2}eval_1 and file-1, since there is no run$/m)
        }
      }),
    timeout
  )

  it.live(
    "are kept if the run exists although its answer was lost, and the run is named",
    () =>
      Effect.gen(function* () {
        const { code, deleted, stderr } = yield* running({ run: 500, createdAllTheSame: true })
        assert.deepStrictEqual([code, deleted], [2, []])
        assert.match(stderr, /^the run was created and continues: effect-evals watch evalrun_1 --base-url http:/m)
      }),
    timeout
  )
})

describe("a definition that samples a model", () => {
  const sampling = (path: string, content: ReadonlyArray<object>) => {
    const file = Definition.write(path)
    const { eval: one } = JSON.parse(readFileSync(file, "utf8"))
    const run = {
      data_source: {
        type: "completions",
        model: "gpt-4.1",
        source: { type: "file_content", content },
        input_messages: { type: "template", template: [{ role: "user", content: "{{ item.label }}" }] }
      }
    }
    writeFileSync(file, JSON.stringify({ eval: one, run }))
    return file
  }

  it.live(
    "runs over rows with samples where there is no endpoint, and notes that no row is sampled",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const made = sampling(join(path, "sampling.json"), Definition.rowsOf(3))
        const data = Definition.writeRows(join(path, "rows.jsonl"), Definition.rowsOf(4))
        const given = yield* command(["run", made, "--data", data, "--db", db])
        assert.strictEqual(given.code, 0, given.stderr)
        assert.match(
          given.stderr,
          /^note {5}no row is sampled: each row has its sample, and there is no endpoint for the model gpt-4\.1\. The run is of type "jsonl"/m
        )
        assert.match(
          given.stderr,
          /without what the definition says of the model \(run\.data_source, type "completions"\)/
        )
        const inline = yield* command(["run", made, "--db", db, "--json"])
        assert.strictEqual(inline.code, 0, inline.stderr)
        assert.strictEqual(JSON.parse(inline.stdout).run.data_source.type, "jsonl")
        assert.match(inline.stderr, /^note {5}no row is sampled/m)
      }),
    timeout
  )

  it.live(
    "is refused where a row has no sample and the model no endpoint, and leaves nothing behind",
    () =>
      Effect.gen(function* () {
        const { db, path } = yield* place
        const made = sampling(join(path, "sampling.json"), [...Definition.rowsOf(1), { item: { label: "a" } }])
        const data = Definition.writeRows(join(path, "rows.jsonl"), [
          ...Definition.rowsOf(2),
          { item: { label: "a" }, sample: null }
        ])
        const given = yield* command(["run", made, "--data", data, "--db", db])
        assert.strictEqual(given.code, 2)
        assert.match(
          given.stderr,
          /data_source\.model: model "gpt-4\.1": no endpoint is configured\. Name one: --models/
        )
        const inline = yield* command(["run", made, "--db", db])
        assert.deepStrictEqual(
          [inline.code, /^removed {2}eval_\w+, since there is no run$/m.test(inline.stderr)],
          [2, true]
        )
        assert.deepStrictEqual(rows(db, "SELECT id FROM evals"), [])
      }),
    timeout
  )

  it.live(
    "is sent unchanged to a host, which can sample",
    () =>
      Effect.gen(function* () {
        const { path } = yield* place
        const host = yield* writable({ run: 400 })
        const made = sampling(join(path, "sampling.json"), [{ item: { label: "a" } }])
        const { stderr } = yield* command(["run", made, "--base-url", host.url])
        assert.match(stderr, /no: 400/)
      }),
    timeout
  )
})
