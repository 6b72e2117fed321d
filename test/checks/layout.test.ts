import { assert, describe, it } from "@effect/vitest"
import { checkLayout } from "./lib/layout.ts"
import type { File } from "./lib/source.ts"

/** Findings as `path:line message`, for files given as path and text. */
const findings = (files: Readonly<Record<string, string>>): Array<string> =>
  checkLayout(Object.entries(files).map(([path, text]): File => ({ path, text }))).map(
    ({ line, message, path }) => `${path}:${line} ${message}`
  )

const refuses = (path: string, text: string, message: RegExp, line = 1) => {
  const found = findings({ [path]: text })
  assert.strictEqual(found.length, 1, found.join("\n"))
  assert.match(found[0] ?? "", message)
  assert.isTrue(found[0]?.startsWith(`${path}:${line} `), found[0])
}

const accepts = (path: string, text: string) => assert.deepStrictEqual(findings({ [path]: text }), [])

describe("who may import whom", () => {
  it("lets each part import what the table says", () => {
    accepts("src/Runs.ts", `import { Run } from "./schema/Run.ts"\nimport * as Http from "effect/http/HttpClient"`)
    accepts("src/internal/request.ts", `import type { EvalsError } from "../EvalsError.ts"`)
    accepts("src/store/sqlite.ts", `import { DatabaseSync } from "node:sqlite"\nimport "effect/sql/SqlClient"`)
    accepts("src/server/NodeServer.ts", `import * as Node from "@effect/platform-node/NodeHttpServer"`)
    accepts("src/testing/engine/index.ts", `import "../../engine/index.ts"`)
  })

  it("refuses what it does not say", () => {
    refuses("src/schema/Run.ts", `import "effect/Schema"\nimport "../Runs.ts"`, /schema may not import client/, 2)
    refuses("src/schema/Run.ts", `import "effect/http/HttpClient"`, /schema may not import "effect\/http/)
    refuses("src/Runs.ts", `import "./engine/index.ts"`, /client may not import engine/)
    refuses("src/engine/run.ts", `import "../Runs.ts"`, /engine may not import client/)
    refuses("src/archive/save.ts", `import "../internal/request.ts"`, /archive may not import internal/)
    refuses("src/testing/mock.ts", `import "../engine/index.ts"`, /testing may not import engine/)
    refuses("src/Runs.ts", `import "@effect/platform-node"`, /may not import "@effect\/platform-node"/)
    refuses("src/server/routes.ts", `import "@effect/platform-node"`, /may not import "@effect\/platform-node"/)
    refuses("src/Files.ts", `import "node:fs"`, /may not import "node:fs"/)
    refuses("src/Files.ts", `type T = import("node:fs").Stats`, /may not import "node:fs"/)
    refuses("src/Files.ts", `export const fs = () => import("node:fs")`, /may not import "node:fs"/)
    refuses("src/report/RunReport.ts", `import "../engine/Engine.ts"`, /report may not import engine/)
    refuses("src/report/format.ts", `import "effect/terminal/Terminal"`, /report may not import "effect\/terminal/)
    refuses("src/other/x.ts", ``, /belongs to no part/)
  })

  it("lets a room of the engine import from the rooms below it, and from no room above", () => {
    accepts("src/engine/Engine.ts", `import "./operations/runs.ts"\nimport "./texts/RunText.ts"`)
    accepts("src/engine/runs/BatchExecution.ts", `import "../work/Workers.ts"\nimport "./Lifecycle.ts"`)
    refuses("src/engine/texts/RunText.ts", `import type { Status } from "../runs/Lifecycle.ts"`, /lies above/)
    refuses("src/engine/graders/text/bleu.ts", `import "../../work/Workers.ts"`, /lies above/)
    refuses("src/engine/runs/Executor.ts", `import "../Engine.ts"`, /lies above/)
    refuses("src/engine/attic/x.ts", `import "../rows/Row.ts"`, /no room of the engine/)
  })

  it("refuses barrels, paths without .ts, and paths out of src", () => {
    refuses("src/Runs.ts", `import { Effect } from "effect"`, /is a barrel/)
    refuses("src/Runs.ts", `import { HttpClient } from "effect/http"`, /is a barrel/)
    refuses("src/Runs.ts", `export * from "./Evals"`, /ends in \.ts/)
    refuses("src/Runs.ts", `import "../test/x.ts"`, /nothing outside src/)
  })

  it("finds a cycle of modules that load each other", () => {
    const found = findings({
      "src/A.ts": `import { b } from "./B.ts"`,
      "src/B.ts": `import type { A } from "./A.ts"\nexport * from "./C.ts"`,
      "src/C.ts": `\nimport { a } from "./A.ts"`
    })
    assert.strictEqual(found.length, 1)
    assert.match(found[0] ?? "", /^src\/C\.ts:2 import cycle src\/A\.ts -> src\/B\.ts -> src\/C\.ts -> src\/A\.ts/)
  })
})

describe("what sources may not contain", () => {
  it("refuses casts and comments that switch the checker off", () => {
    refuses("src/X.ts", `export const x = y as any`, /as any/)
    refuses("src/X.ts", `export const x = y as unknown as string`, /through `unknown`/)
    refuses("src/X.ts", `export const x = y as never`, /as never/)
    refuses("src/X.ts", `\n// @ts-ignore\nx()`, /@ts-ignore/, 2)
    refuses("src/X.ts", `/* @ts-expect-error */ x()`, /@ts-expect-error/)
    refuses("test/x.test.ts", `const x = y as unknown as string`, /through `unknown`/)
  })

  it("refuses time, chance and the machine", () => {
    refuses("src/X.ts", `const now = () => Date.now()`, /Clock/)
    refuses("src/engine/x.ts", `const now = new Date()`, /DateTime/)
    refuses("src/X.ts", `const r = Math.random`, /Random/)
    refuses("src/X.ts", `setTimeout(f, 1)`, /Effect\.sleep/)
    refuses("src/X.ts", `const key = process.env`, /Node only/)
  })

  it("refuses a long file", () => {
    accepts("src/X.ts", "x()\n".repeat(300))
    refuses("src/X.ts", "x()\n".repeat(301), /301 lines/, 302)
    refuses("test/X.test.ts", "x()\n".repeat(401), /401 lines/, 402)
    accepts("bench/x.ts", "x()\n".repeat(401))
  })

  it("takes no notice of strings, comments and pure uses", () => {
    accepts("src/X.ts", `// as any, Date.now()\nconst s = "import 'node:fs' as any"\nconst d = new Date(0)`)
    accepts("src/engine/x.ts", `export const home = process.env`)
    accepts("test/x.test.ts", `import "node:fs"\n// @ts-expect-error: not a number\nf("x", Date.now(), x as never)`)
  })
})
