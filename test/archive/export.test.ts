import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { csv, exportCsv, ExportError, exportTo, type Manifest } from "effect-evals/archive"
import { SqlClient } from "effect/sql"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { evaluation, item, over, run, store, storeFile } from "./lib/fill.ts"
import { file, folder } from "./lib/run.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")

const exported = (
  fill: Effect.Effect<unknown, unknown, SqlClient.SqlClient>,
  options: { readonly project?: string } = {}
) =>
  Effect.gen(function* () {
    const filename = yield* file
    const out = join(yield* folder, "out")
    yield* over(filename, fill)
    const manifest = yield* over(filename, exportTo({ out, ...options }), true)
    return { filename, manifest, out, read: (name: string) => readFileSync(join(out, name)) }
  })

const lines = (bytes: Uint8Array) => new TextDecoder().decode(bytes).split("\n").slice(0, -1)

/** All files below a folder, with forward slashes. */
const filesIn = (out: string) =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(out.length + 1))
    .toSorted()

// what a parser would change: numbers, key order, duplicate keys, escapes, bytes that are no UTF-8
const odd = '{"id":"eval_1","b":1.0e2,"a":12345678901234567890,"a":-0,"s":"\\ud800\\u0000é"  , "t":[ ]}'
const notUtf8 = Buffer.concat([Buffer.from('{"id":"eval_2","s":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')])
const pretty = '{\n  "id": "eval_3",\r\n  "s": "a\\nb"\n}'

describe("exportTo", () => {
  it.effect("writes one object a line, exactly as received, and files as they were uploaded", () =>
    Effect.gen(function* () {
      const { manifest, out, read } = yield* exported(
        Effect.gen(function* () {
          yield* store("default", [
            evaluation("eval_1", odd),
            { ...evaluation("eval_2"), text: notUtf8 },
            run("evalrun_1", 2),
            item("evalrun_1", 10, '"x":1'),
            item("evalrun_1", 9, '"x":2')
          ])
          yield* storeFile("default", "file-1", "rows.jsonl", ["one\n", "two\n"])
          yield* storeFile("default", "file-2", "empty.jsonl", [])
        })
      )
      assert.deepStrictEqual(read("evals.jsonl"), Buffer.concat([Buffer.from(`${odd}\n`), notUtf8, Buffer.from("\n")]))
      assert.deepStrictEqual(
        lines(read("output_items.jsonl")).map((line) => JSON.parse(line).datasource_item_id),
        [9, 10]
      )
      assert.strictEqual(String(read("files/file-1/rows.jsonl")), "one\ntwo\n")
      assert.strictEqual(read("files/file-2/empty.jsonl").length, 0)
      assert.deepStrictEqual(filesIn(out), [
        "evals.jsonl",
        "files.jsonl",
        "files/file-1/rows.jsonl",
        "files/file-2/empty.jsonl",
        "index.jsonl",
        "manifest.json",
        "output_items.jsonl",
        "runs.jsonl"
      ])
      assert.deepInclude(manifest.projects[0], { evals: 2, runs: 1, output_items: 2, files: 2, contents: 2 })
    })
  )

  it.effect("lists every written file with its hash, and the position of every object", () =>
    Effect.gen(function* () {
      const { manifest, out, read } = yield* exported(
        Effect.gen(function* () {
          yield* store("default", [evaluation("eval_1"), run("evalrun_1", 0)])
          yield* storeFile("default", "file-1", "rows.jsonl", ["one"])
        })
      )
      const written: Manifest = JSON.parse(String(read("manifest.json")))
      assert.deepStrictEqual(written, manifest)
      assert.deepStrictEqual(
        written.files.map(({ path }) => path).toSorted(),
        filesIn(out).filter((path) => path !== "manifest.json")
      )
      for (const { bytes, path, sha256: hash } of written.files) {
        assert.deepStrictEqual([read(path).length, sha256(read(path))], [bytes, hash], path)
      }
      const index = lines(read("index.jsonl")).map((line) => JSON.parse(line))
      assert.deepStrictEqual(index, [
        {
          kind: "evals",
          project: "default",
          id: "eval_1",
          sha256: sha256(Buffer.from('{"id":"eval_1"}')),
          read_at: 100,
          request_id: "req_eval_1",
          file: "evals.jsonl",
          line: 1
        },
        { ...index[1], kind: "runs", id: "evalrun_1", file: "runs.jsonl", line: 1 },
        {
          ...index[2],
          kind: "files",
          id: "file-1",
          content: { file: "files/file-1/rows.jsonl", sha256: sha256(Buffer.from("one")) }
        }
      ])
    })
  )

  it.effect("keeps an object with line breaks on one line, and its exact text beside it", () =>
    Effect.gen(function* () {
      const { manifest, read } = yield* exported(
        store("default", [
          evaluation("eval_1"),
          evaluation("eval_3", pretty),
          evaluation("eval_4", pretty.replace("3", "4"))
        ])
      )
      const [first, second, third] = lines(read("evals.jsonl"))
      assert.strictEqual(first, '{"id":"eval_1"}')
      assert.strictEqual(second, '{   "id": "eval_3",    "s": "a\\nb" }')
      assert.deepStrictEqual(JSON.parse(third ?? ""), { id: "eval_4", s: "a\nb" })
      const entries = lines(read("index.jsonl")).map((line) => JSON.parse(line))
      assert.isUndefined(entries[0].exact)
      for (const { exact, sha256: hash } of entries.slice(1)) {
        const part = read(exact.file).subarray(exact.offset, exact.offset + exact.bytes)
        assert.strictEqual(sha256(part), hash)
      }
      assert.strictEqual(String(read("multiline/evals.json")), `${pretty}\n${pretty.replace("3", "4")}\n`)
      assert.strictEqual(manifest.projects[0]?.multiline, 2)
    })
  )

  it.effect("writes older versions to separate files", () =>
    Effect.gen(function* () {
      const { read } = yield* exported(
        Effect.andThen(
          store("default", [evaluation("eval_1", '{"id":"eval_1","name":"old"}')]),
          store("default", [evaluation("eval_1", '{"id":"eval_1","name":"new"}')], 200)
        )
      )
      assert.deepStrictEqual(lines(read("evals.jsonl")), ['{"id":"eval_1","name":"new"}'])
      assert.deepStrictEqual(lines(read("superseded/evals.jsonl")), ['{"id":"eval_1","name":"old"}'])
      const older = JSON.parse(lines(read("index.jsonl"))[1] ?? "")
      assert.deepInclude(older, { file: "superseded/evals.jsonl", read_at: 100, superseded_at: 200 })
    })
  )

  it.effect("uses file names that stay inside the folder", () =>
    Effect.gen(function* () {
      const names = ["../../etc/passwd", "a/b\\c:d.jsonl", "", "..", "con", `${"é".repeat(200)}.jsonl`, "nul\u0000.txt"]
      const { manifest, out } = yield* exported(
        Effect.gen(function* () {
          for (const [index, name] of names.entries()) yield* storeFile("default", `file-${index}`, name, [name])
          // ids that one folder would hold on a file system without upper and lower case
          yield* storeFile("default", "file-X", "same", ["upper"])
          yield* storeFile("default", "file-x", "same", ["lower"])
        })
      )
      const contents = manifest.files.map(({ path }) => path).filter((path) => path.startsWith("files/"))
      assert.deepStrictEqual(contents.slice(0, 5), [
        "files/file-0/_.._etc_passwd",
        "files/file-1/a_b_c_d.jsonl",
        "files/file-2/content",
        "files/file-3/content",
        "files/file-4/_con"
      ])
      assert.match(contents[5] ?? "", /^files\/file-5\/é+\.jsonl$/)
      assert.isAtMost(Buffer.byteLength(contents[5] ?? ""), 140)
      assert.deepStrictEqual(contents.slice(6), ["files/file-6/nul_.txt", "files/file-X/same", "files/file-x~2/same"])
      assert.deepStrictEqual(
        contents.map((path) => String(readFileSync(join(out, path)))),
        [...names, "upper", "lower"]
      )
    })
  )

  it.effect("writes several projects to subfolders, and a single one directly", () =>
    Effect.gen(function* () {
      const both = Effect.andThen(store("a/b", [evaluation("eval_1")]), store("b", [evaluation("eval_2")]))
      const all = yield* exported(both)
      assert.deepStrictEqual(
        all.manifest.projects.map(({ folder, name }) => [name, folder]),
        [
          ["a/b", "1-a_b"],
          ["b", "2-b"]
        ]
      )
      assert.strictEqual(String(all.read("2-b/evals.jsonl")), '{"id":"eval_2"}\n')
      const one = yield* exported(both, { project: "b" })
      assert.strictEqual(String(one.read("evals.jsonl")), '{"id":"eval_2"}\n')
      const none = yield* Effect.flip(exported(both, { project: "c" }))
      assert.match(none instanceof Error ? none.message : "", /no project c in this file; it holds a\/b, b/)
    })
  )

  it.effect("refuses a folder that is not empty, unless forced", () =>
    Effect.gen(function* () {
      const { filename, out, read } = yield* exported(store("default", [evaluation("eval_1")]))
      writeFileSync(join(out, "notes.txt"), "mine")
      const before = read("manifest.json")
      const refused = yield* Effect.flip(over(filename, exportTo({ out }), true))
      assert.instanceOf(refused, ExportError)
      assert.match(refused.message, /is not empty/)
      assert.deepStrictEqual(read("manifest.json"), before)
      yield* over(filename, exportTo({ out, force: true }), true)
      assert.strictEqual(String(read("notes.txt")), "mine")
    })
  )

  it.effect("exports damaged objects and reports them", () =>
    Effect.gen(function* () {
      const { manifest, read } = yield* exported(
        Effect.gen(function* () {
          yield* store("default", [evaluation("eval_1")])
          yield* storeFile("default", "file-1", "a", ["abc"])
          const sql = yield* SqlClient.SqlClient
          yield* sql`UPDATE evals SET body = '{"id":"other"}'`
          yield* sql`UPDATE file_pieces SET content = x'00'`
        })
      )
      assert.strictEqual(String(read("evals.jsonl")), '{"id":"other"}\n')
      assert.deepStrictEqual(
        manifest.problems.map(({ id, kind }) => `${kind} ${id}`),
        ["evals eval_1", "files file-1"]
      )
    })
  )

  it.effect("leaves no incomplete file behind when it fails", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const out = join(yield* folder, "out")
      yield* over(filename, store("default", [evaluation("eval_1")]))
      // a folder stands where a file is to be written
      mkdirSync(join(out, "runs.jsonl", "x"), { recursive: true })
      yield* Effect.flip(over(filename, exportTo({ out, force: true }), true))
      assert.deepStrictEqual(filesIn(out), ["evals.jsonl"])
      assert.isFalse(existsSync(join(out, "manifest.json")))
    })
  )
})

const criterion = (name: string, score: string, passed: boolean) =>
  `{"name":"${name}","score":${score},"passed":${passed}}`
const uuid = "9f1b2c3d-0000-4000-8000-123456789abc"

const table = (rows: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const filename = yield* file
    const fill = store("default", [
      run("evalrun_1", rows.length),
      run("evalrun_2", 1),
      ...rows.map((fields, row) => item("evalrun_1", row, fields)),
      item("evalrun_2", 0, '"datasource_item":{"other":1}')
    ])
    return yield* over(filename, Effect.andThen(fill, Stream.mkString(csv({ runId: "evalrun_1" }))))
  })

describe("csv", () => {
  it.effect("has a row for each item, a column for each field of any item, and the verdict of each criterion", () =>
    Effect.gen(function* () {
      const text = yield* table([
        `"datasource_item":{"label":"a"},"results":[${criterion(`exact-match-${uuid}`, "1.0", true)}],"sample":{"output":[{"content":"yes"}]}`,
        `"datasource_item":{"more":[1,{"k":"v"}],"flag":false,"none":null},"results":[],"sample":null`
      ])
      assert.deepStrictEqual(text.split("\r\n"), [
        "datasource_item_id,id,status,item.label,item.more,item.flag,item.none,output_text,exact-match score,exact-match passed",
        "0,outputitem_evalrun_1_0,pass,a,,,,yes,1.0,true",
        '1,outputitem_evalrun_1_1,pass,,"[1,{""k"":""v""}]",false,,,,',
        ""
      ])
    })
  )

  it.effect("keeps numbers as the host wrote them", () =>
    Effect.gen(function* () {
      const text = yield* table(['"datasource_item":{"n":12345678901234567890,"deep":[1.50,1e400]}'])
      assert.include(text, ',12345678901234567890,"[1.50,1e400]",')
    })
  )

  it.effect("quotes after RFC 4180", () =>
    Effect.gen(function* () {
      const text = yield* table(['"datasource_item":{"a,b":"say \\"x\\"","c":"1\\n2","d":"3\\r4"}'])
      assert.include(text, 'status,"item.a,b",item.c,item.d,')
      assert.include(text, ',"say ""x""","1\n2","3\r4",')
    })
  )

  it.effect("puts an apostrophe before formulas, not before numbers", () =>
    Effect.gen(function* () {
      const text = yield* table([
        '"datasource_item":{"a":"=1+1","b":"@SUM(A1)","c":"-x","d":"+1-555","e":"-1.5e3","f":"+7","g":"\\t=1","h":-2}'
      ])
      assert.include(text, ",'=1+1,'@SUM(A1),'-x,'+1-555,-1.5e3,+7,'\t=1,-2,")
    })
  )

  it.effect("joins the texts of several messages and parts", () =>
    Effect.gen(function* () {
      const parts = '[{"type":"output_text","text":"two"},{"type":"image"},{"text":"three"}]'
      const text = yield* table([`"sample":{"output":[{"content":"one"},{"content":${parts}}]}`])
      assert.include(text, '"one\ntwo\nthree"')
    })
  )

  it.effect("distinguishes two criteria with the same name", () =>
    Effect.gen(function* () {
      const other = `match-${uuid.replace("9", "8")}`
      const text = yield* table([
        `"results":[${criterion(`match-${uuid}`, "1", true)},${criterion(other, "0", false)}]`
      ])
      assert.include(text, `match-${uuid} score,match-${uuid} passed,${other} score,${other} passed\r\n`)
      assert.include(text, ",1,true,0,false\r\n")
    })
  )

  it.effect("refuses an unknown run, and an ambiguous project", () =>
    Effect.gen(function* () {
      const filename = yield* file
      yield* over(filename, Effect.andThen(store("a", [run("evalrun_1", 0)]), store("b", [run("evalrun_1", 0)])))
      const said = (options: { readonly runId: string; readonly project?: string }) =>
        Effect.map(Effect.result(over(filename, Stream.mkString(csv(options)), true)), (result) =>
          result._tag === "Failure" ? result.failure.message : result.success
        )
      assert.match(yield* said({ runId: "nope" }), /there is no run nope/)
      assert.match(yield* said({ runId: "evalrun_1" }), /several projects .* a, b/)
      assert.strictEqual(
        yield* said({ runId: "evalrun_1", project: "b" }),
        "datasource_item_id,id,status,output_text\r\n"
      )
    })
  )

  it.effect("writes to a new file, and refuses an existing one", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const out = join(dirname(filename), "run.csv")
      yield* over(filename, store("default", [run("evalrun_1", 1), item("evalrun_1", 0, '"x":1')]))
      const written = yield* over(filename, exportCsv({ runId: "evalrun_1", out }), true)
      assert.strictEqual(sha256(readFileSync(out)), written.sha256)
      const refused = yield* Effect.flip(over(filename, exportCsv({ runId: "evalrun_1", out }), true))
      assert.match(refused.message, /exists/)
      yield* over(filename, exportCsv({ runId: "evalrun_1", out, force: true }), true)
    })
  )
})
