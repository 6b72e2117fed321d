import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { RowReader } from "../../../src/engine/work/RowReader.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

/** Every row, with the lines and the bytes up to its end. */
const read = (text: string | Uint8Array) => {
  const reader = new RowReader(typeof text === "string" ? bytes(text) : text)
  const rows: Array<readonly [row: string, lines: number, bytes: number]> = []
  for (let row = reader.next(); row !== undefined; row = reader.next()) rows.push([row, reader.lines, reader.bytes])
  return { rows, count: reader.rows, lines: reader.lines, bytes: reader.bytes }
}

const Part = Schema.Literals(["\u{feff}", "\n", " ", "\r\n", "{}", "é", "😀"])

describe("RowReader", () => {
  it("reads rows, and counts blank lines as lines", () => {
    assert.deepStrictEqual(read("{1}\n\n  \t\r\n{2}\r\n\n"), {
      rows: [
        ["{1}", 1, 4],
        ["{2}\r", 4, 15]
      ],
      count: 2,
      lines: 5,
      bytes: 16
    })
    assert.deepStrictEqual(read("{1}\n{2}"), {
      rows: [
        ["{1}", 1, 4],
        ["{2}", 2, 7]
      ],
      count: 2,
      lines: 2,
      bytes: 7
    })
    assert.deepStrictEqual(read(""), { rows: [], count: 0, lines: 0, bytes: 0 })
    assert.deepStrictEqual(read("\n \n"), { rows: [], count: 0, lines: 2, bytes: 3 })
  })

  it("counts bytes, not characters", () => {
    assert.deepStrictEqual(read('{"é😀"}\n{}\n').rows, [
      ['{"é😀"}', 1, 11],
      ["{}", 2, 14]
    ])
  })

  it.prop("reaches the end of any text", { parts: Schema.Array(Schema.Union([Part, Schema.String])) }, ({ parts }) => {
    const text = bytes(parts.join(""))
    const reader = new RowReader(text)
    let before = 0
    for (let row = reader.next(); row !== undefined; row = reader.next()) {
      assert.isAbove(reader.bytes, before)
      before = reader.bytes
    }
    assert.strictEqual(reader.bytes, text.length)
  })

  it("tells which row is not UTF-8", () => {
    const text = new Uint8Array([...bytes('{"é"}\n'), 0x7b, 0xff, 0x7d, 0x0a, ...bytes("{}\n")])
    const reader = new RowReader(text)
    const found: Array<readonly [string | undefined, boolean]> = []
    while (reader.next() !== undefined) found.push([reader.row, reader.isUtf8()])
    assert.deepStrictEqual(found, [
      ['{"é"}', true],
      ["{\u{fffd}}", false],
      ["{}", true]
    ])
    assert.strictEqual(reader.bytes, text.length)
  })

  it("reads a part of a larger buffer", () => {
    const whole = bytes("{0}\n{1}\n{2}\n")
    assert.deepStrictEqual(read(whole.subarray(4, 8)).rows, [["{1}", 1, 4]])
  })
})
