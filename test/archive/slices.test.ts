import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { elements } from "../../src/schema/slices.ts"
import { random } from "../support/host/random.ts"
import { space } from "../support/host/texts.ts"

const utf8 = new TextEncoder()
const slices = (json: string, name = "data"): ReadonlyArray<string> =>
  elements(utf8.encode(json), name).map((bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes))

/** Any JSON, with white space wherever it may stand; `exact` collects the elements of its lists as they are written. */
const write = (value: Schema.Json, gap: () => string): string => {
  if (Array.isArray(value)) return `[${gap()}${value.map((inner) => write(inner, gap) + gap()).join(`,${gap()}`)}]`
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(
      ([name, inner]) => `${JSON.stringify(name)}${gap()}:${gap()}${write(inner, gap)}${gap()}`
    )
    return `{${gap()}${members.join(`,${gap()}`)}}`
  }
  return JSON.stringify(value)
}

describe("the elements of a list", () => {
  it.effect.prop(
    "are what a parser finds, each as it was written",
    { list: Schema.Array(Schema.Json), other: Schema.Json, seed: Schema.Int },
    ({ list, other, seed }) =>
      Effect.sync(() => {
        const chance = random(seed)
        const gap = () => space(chance)
        const written = list.map((value) => write(value, gap))
        const data = `[${gap()}${written.map((text) => text + gap()).join(`,${gap()}`)}]`
        const before = `${gap()}{${gap()}"before"${gap()}:${write(other, gap)},${gap()}"data"${gap()}:${gap()}`
        const page = `${before}${data}${gap()},"after":${write(other, gap)}${gap()}}${gap()}`
        assert.deepStrictEqual(slices(page), written)
        const parsed: { readonly data: unknown } = JSON.parse(page)
        assert.deepStrictEqual(
          slices(page).map((text): unknown => JSON.parse(text)),
          parsed.data
        )
      }),
    { arbitrary: { runs: 300 } }
  )

  it("are cut exactly at their ends", () => {
    assert.deepStrictEqual(slices('{"data":[{"a":1},2,"x",null,[3],-1.0e+5]}'), [
      '{"a":1}',
      "2",
      '"x"',
      "null",
      "[3]",
      "-1.0e+5"
    ])
    assert.deepStrictEqual(slices(' \n{ "data" \t:\r\n[ 1 ,\n{ "a" : [ ] } ] }\n'), ["1", '{ "a" : [ ] }'])
    assert.deepStrictEqual(slices('{"data":[]}'), [])
    assert.deepStrictEqual(slices('{"data":[ \n ]}'), [])
  })

  it("keep numbers, escapes, repeated keys and the order of keys", () => {
    const odd = '{"b":12345678901234567890,"a":1.10,"a":-0,"s":"\\ud800\\u0000\\/","__proto__":{"x":1E400}}'
    assert.deepStrictEqual(slices(`{"data":[${odd},${odd}]}`), [odd, odd])
  })

  it("are not cut at brackets inside strings", () => {
    const misleading = ['"]"', '"\\"]"', '"\\\\"', '{"]}":"[{"}', '["\\\\\\"",{"}":[]}]', '"é]🚀\\u005d"']
    assert.deepStrictEqual(slices(`{"data":[${misleading.join(",")}],"x":"]"}`), misleading)
  })

  it("are the elements of the list itself, not of an inner list", () => {
    assert.deepStrictEqual(slices('{"a":{"data":[1]},"b":"\\"data\\":[2]","data":[{"data":[3]}],"c":[{"data":[4]}]}'), [
      '{"data":[3]}'
    ])
  })

  it("are the elements of the last of two lists with the same name, as in a parser", () => {
    assert.deepStrictEqual(slices('{"data":[1],"x":0,"data":[2,3]}'), ["2", "3"])
    assert.deepStrictEqual(slices('{"data":[1],"d\\u0061ta":[2]}'), ["2"])
    assert.deepStrictEqual(slices('{"data":[1],"data":null}'), [])
  })

  it("are found after a byte order mark", () => {
    assert.deepStrictEqual(slices('\ufeff {"data":[{"id":"a"}]}'), ['{"id":"a"}'])
  })

  it("are empty if there is no such list", () => {
    assert.deepStrictEqual(slices("{}"), [])
    assert.deepStrictEqual(slices('{"data":{"data":[1]}}'), [])
    assert.deepStrictEqual(slices('{"data":"[1]"}'), [])
  })
})
