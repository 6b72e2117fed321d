/**
 * Random hexadecimal digits for idempotency keys and multipart boundaries.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Returns random hexadecimal digits. */
export const randomHex = (digits: number): Effect.Effect<string> =>
  Effect.map(Effect.replicateEffect(Random.next, Math.ceil(digits / 8)), (numbers) =>
    numbers
      .map((number) =>
        Math.floor(number * 0x1_0000_0000)
          .toString(16)
          .padStart(8, "0")
      )
      .join("")
      .slice(0, digits)
  )
