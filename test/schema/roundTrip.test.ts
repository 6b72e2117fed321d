import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { schemas } from "./catalog.ts"
import { throughText, valid } from "./json.ts"

describe("every wire schema", () => {
  for (const { check, name, schema } of schemas) {
    it.effect.prop(
      `${name}: a value that is encoded, printed, parsed and decoded is the same value`,
      [valid(schema)],
      ([value]) =>
        Effect.gen(function* () {
          const encoded = yield* Schema.encodeEffect(schema)(value)
          const text = JSON.stringify(encoded)
          const decoded = yield* Schema.decodeUnknownEffect(schema)(JSON.parse(text))
          assert.deepStrictEqual(throughText(decoded), value)
          // and the second text is the first, so that nothing changes however often it goes round
          assert.strictEqual(JSON.stringify(yield* Schema.encodeEffect(schema)(decoded)), text)
        }),
      check
    )
  }
})
