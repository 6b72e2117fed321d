import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { WireBuilder } from "effect-evals/testing"
import { answering } from "./lib/answering.ts"
import { command } from "./lib/memory.ts"

const cases = [
  ["list", ["list"], WireBuilder.evaluation()],
  ["list of runs", ["list", "eval_1"], WireBuilder.run()],
  ["items", ["items", "evalrun_1", "--eval", "eval_1"], WireBuilder.outputItem()]
] as const

for (const [name, args, object] of cases) {
  it.live(`${name}: no advice about the address follows an error of pages that never end`, () =>
    Effect.gen(function* () {
      const host = yield* answering(200, JSON.stringify(WireBuilder.page([object], true)), {
        "content-type": "application/json"
      })
      const { code, stderr } = yield* command([...args, "--base-url", host])
      assert.strictEqual(code, 2, stderr)
      assert.match(stderr, /ignores the cursor, or its pages go in a circle/)
      assert.notMatch(stderr, /does not look like|--base-url/)
    }).pipe(Effect.scoped)
  )
}
