/** A user's program. test/checks/package.ts type-checks and runs it against the installed package. */
import { Effect, Layer, Stream } from "effect"
import * as Evals from "effect-evals"
import * as Archive from "effect-evals/archive"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import * as Testing from "effect-evals/testing"
import { EvalsTest } from "effect-evals/testing/engine"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

type EvalId = Parameters<typeof Evals.listRuns>[0]

/** Types arrive: an unresolved declaration would make this `any`, and the assignment to `never` would pass. */
export const statuses = (evalId: EvalId) =>
  Evals.listRuns(evalId).pipe(
    Stream.map((run) => run.status),
    Stream.runCollect
  )
type IsAny<T> = 0 extends 1 & T ? true : false
export const typed: IsAny<Effect.Success<ReturnType<typeof statuses>>> = false

const expected = ["EvalsClient", "EvalsError", "createEval", "createRun", "awaitRun", "listRuns", "uploadFile"]
const absent = expected.filter((name) => !Object.hasOwn(Evals, name))
if (absent.length > 0) {
  throw new Error(`effect-evals does not export ${absent.join(", ")}`)
}
const archiving = ["archive", "csv", "Database", "exportCsv", "exportTo", "plan", "verify"]
const lacking = archiving.filter((name) => !Object.hasOwn(Archive, name))
if (lacking.length > 0) {
  throw new Error(`effect-evals/archive does not export ${lacking.join(", ")}`)
}
if (Object.keys(Testing).length === 0) {
  throw new Error("effect-evals/testing exports nothing")
}

const modelsSchema: { readonly properties: object } = JSON.parse(
  readFileSync(fileURLToPath(import.meta.resolve("effect-evals/models.schema.json")), "utf8")
)
if (!Object.hasOwn(modelsSchema.properties, "entries")) {
  throw new Error("effect-evals/models.schema.json is not the schema of the file of models")
}

for (const path of [
  "internal/request",
  "internal/request.js",
  "src/index.ts",
  "dist/index.js",
  "dist/internal/request.js"
]) {
  const specifier = `effect-evals/${path}`
  const reached = await import(specifier).then(
    () => "it was imported",
    (error: NodeJS.ErrnoException) => (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? undefined : String(error))
  )
  if (reached !== undefined) {
    throw new Error(`${specifier} should be closed by "exports", but ${reached}`)
  }
}

/** A run from its creation to its items: the engine's workers are found where the package is installed. */
const engineRun = Effect.gen(function* () {
  const made = yield* Evals.createEval({
    data_source_config: { type: "custom", item_schema: { type: "object", required: ["said"] } },
    testing_criteria: [
      { type: "string_check", name: "yes", input: "{{ item.said }}", reference: "yes", operation: "eq" }
    ]
  })
  const content = ["yes", "no", "yes"].map((said) => ({ item: { said } }))
  const run = yield* Evals.executeRun(made.id, {
    data_source: { type: "jsonl", source: { type: "file_content", content } }
  })
  const { passed, total } = run.result_counts
  return `${passed} of ${total} passed`
})
const inFile = EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerSqlite({ filename: "engine.db" })))
const ran = await Effect.runPromise(
  Effect.all([Effect.provide(engineRun, EvalsTest.layer), Effect.provide(engineRun, inFile)])
)
if (ran.some((said) => said !== "2 of 3 passed")) throw new Error(`the engine says ${ran.join(" and ")}`)
const served = await Effect.runPromise(
  NodeServer.start({ port: 0 }).pipe(
    Effect.flatMap(({ url }) => Effect.promise(async () => (await fetch(`${url}/evals`)).status)),
    Effect.scoped,
    Effect.provide(EvalsEngine.layerMemory)
  )
)
if (served !== 200) throw new Error(`the server answers ${served}`)

console.log(`${Object.keys(Evals).length} names, ${Object.keys(Testing).length} for tests, and an engine that ran`)
