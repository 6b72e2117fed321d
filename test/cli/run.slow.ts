/** The command in a process of its own that is ended by a signal; run.test.ts interrupts it without one. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { start } from "./lib/command.ts"
import { held } from "./lib/heldRun.ts"

describe("effect-evals run", () => {
  it.live.each(["SIGINT", "SIGHUP"] as const)("cancels its run at %s, and ends with code 130", (signal) =>
    Effect.gen(function* () {
      const { args, judged } = yield* held
      const { child, ended } = start([...args, "--json"])
      const ending = Effect.promise(() => ended)
      yield* Effect.raceFirst(judged, ending)
      child.kill(signal)
      const { code, stderr, stdout } = yield* ending
      assert.deepStrictEqual([code, stdout], [130, ""], stderr)
      assert.match(stderr, /^interrupted; evalrun_\w+ is canceled, with [\d,]+ items judged$/m)
    })
  )
})
