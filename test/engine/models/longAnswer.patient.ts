import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { completion } from "../../lib/modelServer.ts"
import { chat, setting } from "./lib/asking.ts"

const second = 1000

describe("an answer that takes 301 seconds", () => {
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
