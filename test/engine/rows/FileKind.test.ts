import { assert, describe, it } from "@effect/vitest"
import { gzipSync } from "node:zlib"
import { fileKind } from "../../../src/engine/rows/FileKind.ts"

const utf16 = (text: string) => new Uint8Array(Buffer.from(text, "utf16le"))
const bigEndian = (text: string) => new Uint8Array(Buffer.from(text, "utf16le").swap16())
const utf8 = (text: string) => new TextEncoder().encode(text)

describe("fileKind", () => {
  it("recognises other kinds of files by their first bytes, and gives advice", () => {
    const cases: ReadonlyArray<readonly [Uint8Array, RegExp | undefined]> = [
      [utf16('\uFEFF{"item":{}}'), /^is UTF-16, and not UTF-8: save it as UTF-8$/],
      [bigEndian('\uFEFF{"item":{}}'), /^is UTF-16/],
      [utf16('{"item":{}}'), /^is UTF-16/],
      [bigEndian('{"item":{}}'), /^is UTF-16/],
      [new Uint8Array([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0]), /^is UTF-32/],
      [gzipSync('{"item":{}}'), /^is compressed with gzip: unpack it first \(gunzip\)$/],
      [utf8("PK\u0003\u0004…"), /^is a ZIP archive, as a workbook/],
      [utf8("PAR1…"), /^is a Parquet file/],
      [utf8('[{"item":{}},\n{"item":{}}]'), /^is one JSON array: write one object a line/],
      [utf8('\uFEFF [\n  {"item":{}}\n]'), /^is one JSON array/],
      [utf8('{\n  "item": {}\n}\n'), /^has objects that go over several lines/],
      [utf8('{ "item": {\n'), /^has objects that go over several lines/],
      [utf8("question,answer\nwhy?,so\n"), /^looks like CSV/],
      [utf8('\uFEFF"question";"answer"\r\n'), /^looks like CSV/],
      [utf8("question\tanswer\n"), /^looks like CSV/]
    ]
    for (const [bytes, expected] of cases) assert.match(fileKind(bytes)?.description ?? "", expected ?? /^$/)
  })

  it("returns undefined for any other file, even for invalid JSON lines", () => {
    const texts = [
      "",
      "\n",
      '{"item":{}}',
      '\uFEFF{"item":{}}\n',
      "[1]\n[2]\n",
      '{"item":{"a":1',
      "nonsense",
      "true",
      '"a, b"\n'
    ]
    for (const text of texts) assert.isUndefined(fileKind(utf8(text)), text)
  })
})
