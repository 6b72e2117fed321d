/**
 * Random digits for keys and boundaries.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** Enough random digits that no two requests share a key. */
export const randomHex = (digits: number): Effect.Effect<string> =>
  Effect.map(
    Effect.all(
      Array.from({ length: Math.ceil(digits / 8) }, () => Random.nextIntBetween(0, 0xffffffff)),
      { concurrency: 1 }
    ),
    (words) =>
      words
        .map((word) => word.toString(16).padStart(8, "0"))
        .join("")
        .slice(0, digits)
  )
