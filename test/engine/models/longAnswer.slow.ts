import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { completion } from "../../lib/modelServer.ts"
import { chat, setting } from "./lib/asking.ts"

const second = 1000

// It takes five minutes of waiting, so it runs when somebody asks for it:
// EVALS_LONG_ANSWER=1 npm run test:slow -- longAnswer
describe.skipIf(process.env["EVALS_LONG_ANSWER"] === undefined)("an answer that takes 301 seconds", () => {
  it.live(
    "arrives after one request",
    () =>
      Effect.gen(function* () {
        const { models, server } = yield* setting(() => ({ delay: 301 * second, body: completion("at last") }))
        assert.strictEqual((yield* models.ask(chat("Think."))).output_text, "at last")
        assert.strictEqual(server.requests.length, 1)
      }),
    400 * second
  )
})
