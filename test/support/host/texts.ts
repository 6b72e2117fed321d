/**
 * JSON written by hand, so that it holds what a parser and a printer would lose:
 * white space, the order of keys, keys that stand there twice, numbers beyond
 * 2^53, escapes that need not be.
 */
import type { Random } from "./random.ts"

/** A member of an object: its name as a plain text, its value as JSON. */
export type Member = readonly [name: string, value: string]

/** A text as JSON; half a surrogate pair becomes an escape, all other characters stay as they are. */
export const text = (value: string): string => JSON.stringify(value)

const spaces = ["", "", "", " ", "\n", "\t", "\r\n", "  \n\t "] as const

/** White space, or none. */
export const space = (random: Random): string => random.pick(spaces)

/** A key with its first letter as an escape, which means the same. */
const escaped = (name: string): string =>
  name === "" ? text(name) : `"\\u${name.charCodeAt(0).toString(16).padStart(4, "0")}${text(name.slice(1)).slice(1)}`

/** An object of given members, in another order. Of a name that stands there twice the last one given stays last. */
export const object = (random: Random, members: ReadonlyArray<Member>): string => {
  const last = new Map(members)
  const ordered = random.shuffle<Member>([...last])
  for (const member of members) {
    if (last.get(member[0]) === member[1]) continue
    const before = ordered.findIndex(([name]) => name === member[0])
    ordered.splice(random.whole(before + 1), 0, member)
  }
  const gap = () => space(random)
  const written = ordered.map(
    ([name, value]) => `${gap()}${random.chance(0.1) ? escaped(name) : text(name)}${gap()}:${gap()}${value}${gap()}`
  )
  return `{${written.join(",")}}`
}

/** A list of values. */
export const list = (random: Random, values: ReadonlyArray<string>): string =>
  `[${values.map((value) => `${space(random)}${value}${space(random)}`).join(",")}${values.length === 0 ? space(random) : ""}]`

const deep = `${"[".repeat(300)}${"]".repeat(300)}`

const oddities: readonly [Member, ...ReadonlyArray<Member>] = [
  ["big", "12345678901234567890123"],
  ["beyond", "9007199254740993"],
  ["huge", "1E400"],
  ["small", "-0.0000000000000000000000000000012300"],
  ["minus_zero", "-0"],
  ["exact", "1.10e+01"],
  ["nul", '"a\\u0000b"'],
  ["lone", '"\\ud83d and \\uDE00"'],
  ["slashes", '"\\/ \\\\ \\" \\b\\f\\n\\r\\t"'],
  ["raw", text("Zürich, 東京, 🚀👩‍👩‍👧, \u2028 \u007f")],
  ["Ключ 鍵 🔑", "true"],
  ["\ud800", "1"],
  ["__proto__", '{"polluted":true}'],
  ["constructor", '{"prototype":null}'],
  ["toString", "null"],
  ["data", '[{"id":"not an object of the page"}]'],
  ["has_more", "false"],
  ["looks_like_a_page", text('{"object":"list","data":[{"id":"\\"}],"has_more":false}')],
  ["brackets", text(']}],{["]')],
  ["deep", deep],
  ["_content_hash", text("9f".repeat(32))],
  ["", '""'],
  ["unknown", '{ "nested" : [ 1 , 2 , { } , [ ] ] }']
]

/** Members that the API does not name, some of them twice. */
export const odd = (random: Random): ReadonlyArray<Member> => {
  const chosen = Array.from({ length: random.whole(4) }, () => random.pick(oddities))
  return random.chance(0.15) ? [...chosen, ["note", "1"], ["note", '"the second one"']] : chosen
}
