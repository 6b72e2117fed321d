import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { CsvProblem, csvReader } from "../../src/cli/csv.ts"
import { folder } from "../archive/lib/run.ts"
import { rows } from "../archive/lib/stored.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const read = (text: string, sampleColumn?: string, pieces = text.length) => {
  const reader = csvReader(sampleColumn)
  let lines = ""
  for (let at = 0; at < text.length; at += pieces) lines += reader.add(text.slice(at, at + pieces))
  lines += reader.end()
  return lines
    .split("\n")
    .slice(0, -1)
    .map((line): unknown => JSON.parse(line))
}

const problem = (text: string, sampleColumn?: string): string => {
  try {
    read(text, sampleColumn)
    return ""
  } catch (error) {
    return error instanceof CsvProblem ? error.message : String(error)
  }
}

describe("csvReader", () => {
  const table = '\uFEFFlabel,"two\nlines",sample.output_text\r\na,"x ""y"", z",1\r\n\r\n"b\r\nc",,"2"\n'
  const expected = [
    { item: { label: "a", "two\nlines": 'x "y", z' }, sample: { output_text: "1" } },
    { item: { label: "b\r\nc", "two\nlines": "" }, sample: { output_text: "2" } }
  ]

  it("reads a header, quotes, line breaks in quotes, and a byte order mark", () => {
    assert.deepStrictEqual(read(table), expected)
  })

  it("gives the same rows for pieces of any size, and without a final line break", () => {
    for (let pieces = 1; pieces < 20; pieces++) {
      assert.deepStrictEqual(read(table, undefined, pieces), expected)
      assert.deepStrictEqual(read(table.slice(0, -1), undefined, pieces), expected)
    }
    assert.deepStrictEqual(read("a,b\n1,"), [{ item: { a: "1", b: "" } }])
    assert.deepStrictEqual(read("a\r1\r2"), [{ item: { a: "1" } }, { item: { a: "2" } }])
  })

  it("uses the delimiter of the header, and the named sample column", () => {
    assert.deepStrictEqual(read("q;answer;r\n1,5;yes;2\n", "answer"), [
      { item: { q: "1,5", r: "2" }, sample: { output_text: "yes" } }
    ])
    assert.deepStrictEqual(read('q\t"a;b;c"\n1\t2\n'), [{ item: { q: "1", "a;b;c": "2" } }])
    assert.deepStrictEqual(read("q,sample.output_text,best\n1,2,3\n", "best"), [
      { item: { q: "1", "sample.output_text": "2" }, sample: { output_text: "3" } }
    ])
  })

  it("reports the line of a fault", () => {
    assert.match(problem('a,b\n"1\n2",3\n4\n'), /^line 4: 1 cells, and the header has 2/)
    assert.match(problem('a,b\n1,2\n3,"4\n'), /^line 3: a quote is opened, and never closed$/)
    assert.match(problem('a,b\n1,"2"3\n'), /^line 2: text follows the quote that closes a cell$/)
    assert.match(problem("a,a\n"), /^line 1: two columns are named "a"$/)
    assert.match(problem("a,\n"), /^line 1: column 2 has no name/)
    assert.match(problem("a,b\n", "c"), /^line 1: no column is named "c"; the columns are a, b$/)
  })
})

describe("effect-evals run --data with CSV", () => {
  it.live("runs the rows of a table, and reports a faulty record before anything is created", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const made = Definition.write(join(path, "definition.json"))
      const table = join(path, "rows.csv")
      writeFileSync(table, '\uFEFFlabel,answer\r\n"a, b","a, b"\r\nc,d\r\n')
      const run = (...flags: ReadonlyArray<string>) => command(["run", made, "--db", db, ...flags])
      const ended = yield* run("--data", table, "--sample-column", "answer")
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.match(ended.stdout, /^items {2}1 passed, 1 failed, 0 errored, 2 in all/m)
      assert.deepStrictEqual(rows(db, "SELECT filename FROM files"), [{ filename: "rows.csv.jsonl" }])

      const wrong = join(path, "wrong.csv")
      writeFileSync(wrong, "label,answer\nc\n")
      const refused = yield* run("--data", wrong)
      assert.deepStrictEqual([refused.code, refused.stdout], [2, ""])
      assert.match(refused.stderr, /wrong\.csv, line 2: 1 cells, and the header has 2/)
      assert.notInclude(refused.stderr, "eval     ")

      const latin = join(path, "latin.csv")
      writeFileSync(latin, Buffer.from("label,answer\nAntwort auf Fräge,ä\n", "latin1"))
      assert.match((yield* run("--data", latin)).stderr, /latin\.csv is not UTF-8: save it as UTF-8/)
      const jsonl = Definition.writeRows(join(path, "rows.jsonl"), Definition.rowsOf(1))
      assert.match(
        (yield* run("--data", jsonl, "--sample-column", "answer")).stderr,
        /rows\.jsonl is read as JSON lines: name it with the ending \.csv, or say --format csv/
      )
      assert.match((yield* run("--format", "csv")).stderr, /--format and --sample-column say how --data is read/)
      assert.lengthOf(rows(db, "SELECT id FROM evals"), 1)
    })
  )

  it.live("names the table and the line of the record in messages about a row, and how to add a sample", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const made = Definition.write(join(path, "definition.json"))
      const table = join(path, "t.csv")
      const run = (...flags: ReadonlyArray<string>) => command(["run", made, "--db", db, "--data", table, ...flags])
      writeFileSync(table, 'label,answer\n\n"a\nb",c\n\nd,e\n')
      const missing = yield* run()
      assert.strictEqual(missing.code, 2)
      assert.include(missing.stderr, `effect-evals: line 3 of ${table} (row 0, counted from 0), sample: is missing;`)
      assert.match(
        missing.stderr,
        /^warning: .* has no sample column, and criteria read \{\{ ?sample\.\w+ ?\}\}\. Name a column sample\.output_text, or use --sample-column; the columns are label, answer$/m
      )
      assert.notInclude(missing.stderr, ".jsonl")
      writeFileSync(table, 'q,label,answer\n1,"a\nb",c\n\n2,d,e\n')
      writeFileSync(made, readFileSync(made, "utf8").replace('"type": "string"', '"type": "string", "maxLength": 2'))
      const wrong = yield* run("--sample-column", "answer")
      assert.notInclude(wrong.stderr, "has no sample column")
      assert.include(wrong.stderr, `effect-evals: line 2 of ${table} (row 0, counted from 0), item.label: `)
      writeFileSync(table, 'q,label,answer\n1,"\n",c\n\n2,ddd,e\n')
      assert.include((yield* run("--sample-column", "answer")).stderr, `line 5 of ${table} (row 1, counted from 0)`)
      writeFileSync(table, "label,answer\n")
      const header = yield* run()
      assert.strictEqual(
        header.stderr.split("\n").at(-2),
        `effect-evals: ${table} has no rows: it has only its header.`
      )
      assert.notInclude(header.stderr, "eval     ")
    })
  )

  it.live("reads a table from standard input with --format csv, and suggests the flag if it is missing", () =>
    Effect.gen(function* () {
      const path = yield* folder
      const db = join(path, "evals.db")
      const made = Definition.write(join(path, "definition.json"))
      const setting = { stdin: "label,sample.output_text\na,a\n" }
      const args = ["run", made, "--db", db, "--data", "-"]
      const refused = yield* command(args, setting)
      assert.strictEqual(refused.code, 2)
      assert.match(
        refused.stderr,
        /standard input looks like CSV: .*; or name it with the ending \.csv, or say --format csv\.$/m
      )
      const ended = yield* command([...args, "--format", "csv"], setting)
      assert.strictEqual(ended.code, 0, ended.stderr)
      assert.deepStrictEqual(rows(db, "SELECT filename FROM files"), [{ filename: "stdin.jsonl" }])
    })
  )
})
