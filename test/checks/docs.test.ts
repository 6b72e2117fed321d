import { assert, describe, it } from "@effect/vitest"
import { anchorsOf, categories, checkDocblocks, examplesOf, linksOf, testNamesOf } from "./lib/docs.ts"

const findings = (files: Readonly<Record<string, string>>): Array<string> =>
  checkDocblocks(Object.entries(files).map(([path, text]) => ({ path, text }))).findings.map(
    ({ line, message, path }) => `${path}:${line} ${message}`
  )

describe("examples", () => {
  it("are found in docblocks, with the line that they begin on", () => {
    const text = "\n/**\n * Doc.\n *\n * ```ts\n * const a = 1\n *   a()\n * ```\n */\nexport const x = 1\n"
    assert.deepStrictEqual(examplesOf({ path: "src/X.ts", text }), [
      { path: "src/X.ts", line: 6, code: "const a = 1\n  a()\n" }
    ])
  })

  it("are found in Markdown; other fences are left alone", () => {
    const text = "# A\n\n```sh\nls\n```\n\n```ts\nlet a\n```\n\n- b\n\n  ```ts\n  let b\n  ```\n"
    assert.deepStrictEqual(examplesOf({ path: "README.md", text }), [
      { path: "README.md", line: 8, code: "let a\n" },
      { path: "README.md", line: 14, code: "let b\n" }
    ])
  })
})

describe("pages", () => {
  it("say what an example prints, where it is to be run", () => {
    const text = "```ts run\na()\n```\n\nIt prints\n\n```text\n1\n2\n```\n\n```ts\nb()\n```\n\n```text\n3\n```\n"
    assert.deepStrictEqual(examplesOf({ path: "README.md", text }), [
      { path: "README.md", line: 2, code: "a()\n", prints: "1\n2\n" },
      { path: "README.md", line: 13, code: "b()\n" }
    ])
  })

  it("have links, and headings that links lead to", () => {
    const text = "# What is the host's, what is `ours`\n\n[a](B.md#c) and [d](#e)\n[f](https://g.example/h)\n"
    assert.deepStrictEqual(linksOf({ path: "README.md", text }), [
      { line: 3, target: "B.md#c" },
      { line: 3, target: "#e" }
    ])
    assert.deepStrictEqual([...anchorsOf({ path: "README.md", text })], ["what-is-the-hosts-what-is-ours"])
  })
})

describe("tests", () => {
  it("are known by the names of the suites around them and their own", () => {
    const text = [
      'describe("a", () => {',
      '  it("b", () => {})',
      "  for (const n of [1]) it(`c ${n}`, () => {})",
      '  describe("d", () => {',
      "    it.effect(`e`, () => f())",
      "  })",
      '  it.prop("g", { h: Schema.String }, () => {})',
      "})",
      'layer(Some.layer)("i", (it) => {',
      '  it.effect("j", () => Effect.log("k"))',
      "})",
      'it("l", () => {})'
    ].join("\n")
    assert.deepStrictEqual([...testNamesOf({ path: "a.test.ts", text })], ["a b", "a d e", "a g", "i j", "l"])
  })
})

describe("docblocks", () => {
  const tags = " * @category models\n * @since 0.1.0\n */\n"

  it("are asked for on whatever the entries reach, and on nothing else", () => {
    const found = findings({
      "src/index.ts": `export * from "./Schedules.ts"\nexport * as Run from "./schema/Run.ts"\nexport { a as b } from "./internal/a.ts"`,
      "src/Schedules.ts": `import * as X from "effect/X"\nexport const one = 1\n/**\n * Two.\n${tags}export const two = 2\nconst three = 3`,
      "src/schema/Run.ts": `import * as X from "effect/X"\n/**\n * Run.\n${tags}export const Run = 1\nexport type Run = number\nexport interface Open {}`,
      "src/internal/a.ts": `import * as X from "effect/X"\nexport const a = 1\nexport const hidden = 1`,
      "src/Unreached.ts": `export const unreached = 1`
    })
    assert.deepStrictEqual(found, [
      "src/Schedules.ts:2 one (public value) needs a docblock /** … */ right before it",
      "src/schema/Run.ts:9 Open (public type) needs a docblock /** … */ right before it",
      "src/internal/a.ts:2 a (public value) needs a docblock /** … */ right before it"
    ])
  })

  it("say in tags what kind of thing it is, and since which version it exists", () => {
    const found = findings({
      "src/index.ts": `export * from "./Schedules.ts"`,
      "src/Schedules.ts": [
        "import * as X from 'effect/X'",
        "/** None. */",
        "export const none = 1",
        "/**\n * Odd.\n *\n * @category oddities\n * @since 0.1.0\n */",
        "export const odd = 2",
        "/**\n * Timeless.\n *\n * @category models\n */",
        "export const timeless = 3",
        "/** @internal */",
        "export const hidden = 4",
        `/**\n * What it is.\n *\n${tags}export const what = 5`
      ].join("\n")
    })
    const known = [...categories].join(", ")
    assert.deepStrictEqual(found, [
      `src/Schedules.ts:3 none (public value) needs @category, one of ${known}`,
      `src/Schedules.ts:10 odd (public value) needs another @category than "oddities": one of ${known}`,
      "src/Schedules.ts:16 timeless (public value) needs @since with the version that it came with",
      "src/Schedules.ts:25 what (public value) needs a docblock that begins with a verb or a noun, not with What"
    ])
  })

  it("of schemas stand beside a type of the same name", () => {
    const found = findings({
      "src/index.ts": `export * as Run from "./schema/Run.ts"`,
      "src/schema/Run.ts": [
        `/**\n * A.\n *\n${tags}export const A = Schema.Struct({}).pipe(Schema.brand("A"))`,
        "export type A = typeof A.Type",
        `/**\n * B.\n *\n${tags}export const B = open({ a: A })`,
        `/**\n * C.\n *\n${tags}export const C = make(B)`
      ].join("\n")
    })
    assert.deepStrictEqual(found, [
      "src/schema/Run.ts:15 B (public schema) needs its type under the same name: export type B = typeof B.Type"
    ])
  })

  it("hold an example on operations and services", () => {
    const found = findings({
      "src/index.ts": `export * from "./Runs.ts"`,
      "src/Runs.ts": [
        `/**\n * Plain.\n *\n${tags}export const plain = (): number => 1`,
        `/**\n * Traced.\n *\n${tags}export const traced = Effect.fn("Runs.traced")(function* () {})`,
        `/**\n * Dual.\n *\n${tags}export const both: { (a: number): number } = dual(1, f)`,
        `/**\n * Service.\n *\n${tags}export class Runs extends Context.Service<Runs, {}>()("id") {}`,
        `/**\n * A value needs none.\n *\n${tags}export const value = 1`,
        `/**\n * Shown.\n *\n * \`\`\`ts\n * shown()\n * \`\`\`\n *\n${tags}export function shown() {}`,
        "/** @internal */",
        "export const kept = () => 1"
      ].join("\n")
    })
    assert.deepStrictEqual(found, [
      "src/Runs.ts:7 plain (public function) needs an example in a ```ts block",
      "src/Runs.ts:14 traced (public function) needs an example in a ```ts block",
      "src/Runs.ts:21 both (public function) needs an example in a ```ts block",
      "src/Runs.ts:28 Runs (public service) needs an example in a ```ts block"
    ])
  })
})
