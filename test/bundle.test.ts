/** What a bundler keeps of the package for a program that uses a part of it. */
import { assert, describe, it } from "@effect/vitest"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const bundled = async (code: string): Promise<string> => {
  const bundle = await rolldown({
    input: "program.ts",
    platform: "browser",
    // effect itself is not looked at: only which operations of this package stay
    external: /^effect\//,
    resolve: { conditionNames: ["effect-evals-source", "browser", "import", "default"] },
    plugins: [
      {
        name: "program",
        resolveId: (id) => (id === "program.ts" ? fileURLToPath(new URL("program.ts", import.meta.url)) : null),
        load: (id) => (id.endsWith("/test/program.ts") ? code : null)
      }
    ]
  })
  const { output } = await bundle.generate({ minify: true })
  return output[0].code
}

const grader = /graders\/validate/
const upload = /form-data/
const lint = /threshold-range|unknown-passing-label|multi-in-eval/

describe("a bundle", () => {
  it("of a program that names two operations holds no others", { timeout: 20_000 }, async () => {
    const code = await bundled(`
      import { EvalsClient, EvalId, retrieveEval } from "effect-evals"
      console.log(EvalsClient.layer({}), EvalsClient.layerFromEnv(), retrieveEval(EvalId.make("eval_1")))
    `)
    assert.notMatch(code, grader)
    assert.notMatch(code, upload)
  })

  it("of a program that creates an eval holds no checks of lintEval", { timeout: 20_000 }, async () => {
    const code = await bundled(`
      import { EvalsClient, createEval } from "effect-evals"
      console.log(EvalsClient.layer({}), createEval)
    `)
    assert.match(code, /text_similarity/)
    assert.notMatch(code, lint)
  })

  it("of a program that holds the operations as a value holds all of them", { timeout: 20_000 }, async () => {
    const code = await bundled(`
      import { EvalsClient } from "effect-evals"
      console.log(EvalsClient.operations)
    `)
    assert.match(code, grader)
    assert.match(code, upload)
  })
})
