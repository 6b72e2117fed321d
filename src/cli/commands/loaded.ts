/**
 * Loads a verb's module when the verb is chosen.
 */
import * as Effect from "effect/Effect"

/** A module that carries a verb out. */
export interface Module<Input, E, R> {
  readonly handler: (input: Input) => Effect.Effect<void, E, R>
}

/**
 * Returns the handler of a verb. The files of this folder declare flags and help
 * and load quickly; what a verb works with is loaded here, when it is chosen.
 */
export const loaded =
  <Input, E, R>(load: () => Promise<Module<Input, E, R>>) =>
  (input: Input): Effect.Effect<void, E, R> =>
    Effect.flatMap(Effect.promise(load), ({ handler }) => handler(input))
