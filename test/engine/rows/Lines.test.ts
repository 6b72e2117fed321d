import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { SqlClient } from "effect/sql"
import * as Lines from "../../../src/engine/rows/Lines.ts"
import * as Files from "../../../src/store/Files.ts"
import { migrate, newest } from "../../../src/store/migrations.ts"
import * as Sqlite from "../../../src/store/Sqlite.ts"

const database = Layer.provideMerge(Layer.effectDiscard(migrate), Sqlite.layer({ filename: ":memory:" }, newest))

const encoder = new TextEncoder()
const decoder = new TextDecoder()

const stored = (text: string) =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    yield* sql`INSERT INTO projects (project, name, created_at) VALUES (1, 'default', 0)`
    return yield* Files.write(1, "file-1", Stream.succeed(encoder.encode(text)))
  })

const read = (size: number, linesAtOnce: number, from = { byte: 0, line: 1 }) =>
  Stream.runCollect(Lines.read({ project: 1, fileId: "file-1", size, from, linesAtOnce: () => linesAtOnce }))

const texts = (all: ReadonlyArray<Lines.Lines>) => all.map(({ bytes }) => decoder.decode(bytes))

describe("Lines", () => {
  it.effect("reads lines in batches, with their numbers and the offset of the next line", () =>
    Effect.gen(function* () {
      const { bytes } = yield* stored("a\nbb\n\nccc\nd\n")
      const all = yield* read(bytes, 2)
      assert.deepStrictEqual(texts(all), ["a\nbb", "\nccc", "d"])
      assert.deepStrictEqual(
        all.map(({ last, line, lines, nextByte }) => [line, lines, nextByte, last]),
        [
          [1, 2, 5, false],
          [3, 2, 10, false],
          [5, 1, 12, true]
        ]
      )
    }).pipe(Effect.provide(database))
  )

  it.effect("reads a last line without a line feed, and no line of an empty file", () =>
    Effect.gen(function* () {
      const { bytes } = yield* stored("a\nb")
      assert.deepStrictEqual(texts(yield* read(bytes, 10)), ["a\nb"])
      assert.deepStrictEqual(texts(yield* read(bytes, 1)), ["a", "b"])
      assert.deepStrictEqual(yield* read(0, 10, { byte: bytes, line: 3 }), [])
    }).pipe(Effect.provide(database))
  )

  it.effect("resumes at a position", () =>
    Effect.gen(function* () {
      const lines = Array.from({ length: 5000 }, (_, index) => `{"row":${index},"text":"${"ä".repeat(index % 400)}"}`)
      const { bytes } = yield* stored(lines.join("\n"))
      const all = yield* read(bytes, 300)
      assert.strictEqual(texts(all).join("\n"), lines.join("\n"))
      const [, second] = all
      if (second === undefined) throw new Error("one batch only")
      const again = yield* read(bytes, 7, { byte: second.nextByte, line: second.line + second.lines })
      assert.strictEqual(texts(again).join("\n"), lines.slice(second.line + second.lines - 1).join("\n"))
      assert.strictEqual(again.at(-1)?.last, true)
    }).pipe(Effect.provide(database))
  )

  it.effect("reads a line that is longer than the pieces of the file", () =>
    Effect.gen(function* () {
      const long = "x".repeat(Files.pieceSize * 2 + 5)
      const { bytes } = yield* stored(`a\n${long}\nb\n`)
      assert.deepStrictEqual(
        texts(yield* read(bytes, 10)).flatMap((text) => text.split("\n").map((line) => line.length)),
        [1, long.length, 1]
      )
    }).pipe(Effect.provide(database))
  )

  it.effect("removes a byte order mark at the start of the file only", () =>
    Effect.gen(function* () {
      const { bytes } = yield* stored("\u{feff}a\n\u{feff}b\n")
      const all = yield* read(bytes, 1)
      assert.deepStrictEqual(
        all.map(({ bytes, last, nextByte }) => [[...bytes], nextByte, last]),
        [
          [[97], 5, false],
          [[0xef, 0xbb, 0xbf, 98], 10, true]
        ]
      )
      assert.deepStrictEqual((yield* read(bytes, 1, { byte: 5, line: 2 }))[0], all[1])
    }).pipe(Effect.provide(database))
  )

  it.effect("finds no line in a byte order mark alone", () =>
    Effect.gen(function* () {
      const { bytes } = yield* stored("\u{feff}")
      assert.deepStrictEqual(yield* read(bytes, 1), [])
    }).pipe(Effect.provide(database))
  )

  it.effect("stops at the limit of a line, and names the line", () =>
    Effect.gen(function* () {
      const { bytes } = yield* stored(`a\n${"x".repeat(Lines.longestLine + 2 * Files.pieceSize)}\nb\n`)
      const error = yield* Effect.flip(read(bytes, 10))
      assert.deepStrictEqual([error._tag, "line" in error ? error.line : 0], ["TooLong", 2])
    }).pipe(Effect.provide(database))
  )

  it("names the kind of a file whose first line is too long", () => {
    const head = new TextEncoder().encode('[{"item":{}},')
    const message = (line: number) => new Lines.TooLong({ fileId: "file-1", line, head }).message
    assert.match(message(1), /^line 1 of file-1: longer than 16 MiB, .*; the file is one JSON array/)
    assert.notInclude(message(2), "JSON array")
  })
})
