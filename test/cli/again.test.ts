import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { createEval, deleteEval, type Eval, EvalId, retrieveEval, updateEval } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isMadeFrom } from "../../src/cli/servedDefinition.ts"
import { definitionText } from "../../src/schema/definitionText.ts"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const timeout = 60_000

interface Ended {
  readonly stderr: string
  readonly stdout: string
}

const evalOf = ({ stderr }: Ended): string => /^eval {5}(eval_\w+)/m.exec(stderr)?.[1] ?? ""

const before = ({ stdout }: Ended): string | undefined => stdout.split("\n").find((line) => line.startsWith("before "))

const place = (path: string, flags: ReadonlyArray<string>) => {
  const definition = join(path, "definition.json")
  const run = (...args: ReadonlyArray<string>) => command(["run", definition, ...flags, ...args])
  return { definition, run }
}

/** What holds of a file and of a host alike. */
const historyAt = (path: string, flags: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const { definition, run } = place(path, flags)
    Definition.write(definition)
    const first = yield* run()
    assert.notInclude(first.stderr, "unchanged")
    assert.isUndefined(before(first))
    const better = Definition.writeRows(join(path, "rows.jsonl"), [
      ...Definition.rowsOf(3),
      Definition.row("l3", true),
      Definition.row("l4", true)
    ])
    const second = yield* run("--data", better)
    assert.strictEqual(evalOf(second), evalOf(first))
    assert.include(second.stderr, `eval     ${evalOf(first)}  its definition is unchanged\n`)
    assert.match(
      before(second) ?? "",
      /^before 3 passed, 1 failed, 0 errored, 4 in all: \+2 passed, -1 failed {2}\(evalrun_\w+, \S+ \S+ UTC\)$/
    )
    const json = yield* run("--data", better, "--json")
    const { before: told, eval: one } = JSON.parse(json.stdout)
    assert.strictEqual(one.id, evalOf(first))
    assert.deepStrictEqual(told.result_counts, { total: 5, passed: 5, failed: 0, errored: 0 })
    // the order of keys and what is left out say nothing
    const { eval: body, run: source } = JSON.parse(readFileSync(definition, "utf8"))
    writeFileSync(
      definition,
      JSON.stringify({
        run: source,
        eval: { metadata: null, ...Object.fromEntries(Object.entries(body).toReversed()) }
      })
    )
    assert.strictEqual(evalOf(yield* run()), evalOf(first))
    const other = yield* run("--new")
    assert.notStrictEqual(evalOf(other), evalOf(first))
    assert.isUndefined(before(other))
    // of two the newest
    assert.strictEqual(evalOf(yield* run()), evalOf(other))
    Definition.write(definition, { criteria: [Definition.same, Definition.near] })
    const changed = yield* run()
    assert.isFalse([evalOf(first), evalOf(other)].includes(evalOf(changed)))
    assert.strictEqual(evalOf(yield* run()), evalOf(changed))
  })

describe("effect-evals run, again", () => {
  it.live(
    "adds the run to the eval of the file with the same definition, and compares the counts",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        yield* historyAt(path, ["--db", join(path, "evals.db")])
      }),
    timeout
  )

  it.live(
    "adds the run to the eval of a host with the same definition, and compares the counts",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const { url } = yield* NodeServer.start({ port: 0 })
        yield* historyAt(path, ["--base-url", url])
      }).pipe(Effect.provide(EvalsEngine.layerMemory), Effect.scoped),
    timeout
  )

  it.live(
    "keeps an existing eval and its runs if the new run is refused",
    () =>
      Effect.gen(function* () {
        const path = yield* folder
        const flags = ["--db", join(path, "evals.db")]
        const { definition, run } = place(path, flags)
        Definition.write(definition)
        const first = yield* run()
        const refused = yield* run("--data", Definition.writeRows(join(path, "bad.jsonl"), [{ item: { label: 1 } }]))
        assert.strictEqual(refused.code, 2)
        assert.match(refused.stderr, /^removed {2}file-\w+, since there is no run$/m)
        const listed = yield* command(["list", evalOf(first), ...flags])
        assert.match(listed.stdout, /completed/)
      }),
    timeout
  )
})

const near = {
  type: "text_similarity" as const,
  name: "near",
  input: "{{ sample.output_text }}",
  reference: "{{ item.label }}",
  evaluation_metric: "fuzzy_match" as const
}

const definition = {
  name: "labels",
  data_source_config: {
    type: "custom" as const,
    item_schema: { type: "object", properties: { label: { type: "string" } }, default: null },
    include_sample_schema: true
  },
  testing_criteria: [near]
}

const others: ReadonlyArray<Eval.CreateParams> = [
  { ...definition, name: "other" },
  { ...definition, metadata: { team: "a" } },
  { ...definition, data_source_config: { ...definition.data_source_config, include_sample_schema: false } },
  { ...definition, testing_criteria: [{ ...near, pass_threshold: 0.9 }] },
  { ...definition, testing_criteria: [] }
]

it("equal definitions have the same text, whatever the order of keys and the form of missing fields", () => {
  const { name, ...rest } = definition
  assert.strictEqual(definitionText({ ...rest, metadata: {}, name }), definitionText({ metadata: null, ...definition }))
  for (const other of others) assert.notStrictEqual(definitionText(other), definitionText(definition))
  // null is a value in a schema
  const { default: _, ...item_schema } = definition.data_source_config.item_schema
  const without = { ...definition, data_source_config: { ...definition.data_source_config, item_schema } }
  assert.notStrictEqual(definitionText(without), definitionText(definition))
})

it.live("an eval is found by its served definition, and other evals are not", () =>
  Effect.gen(function* () {
    const { name: _, ...unnamed } = definition
    const all = [definition, ...others, unnamed]
    for (const [index, params] of all.entries()) {
      const one = yield* createEval(params)
      for (const [at, each] of all.entries()) assert.strictEqual(isMadeFrom(one, each), at === index, `${index} ${at}`)
    }
    // an eval that was renamed is another
    const renamed = yield* createEval(definition)
    yield* updateEval(renamed.id, { name: "new" })
    assert.isFalse(isMadeFrom(yield* retrieveEval(EvalId.make(renamed.id)), definition))
    yield* deleteEval(renamed.id)
  }).pipe(Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory))))
)
