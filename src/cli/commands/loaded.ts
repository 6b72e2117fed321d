/**
 * Loads a verb's module when the verb is chosen.
 */
import * as Effect from "effect/Effect"

/** The module of a verb. */
export interface Module<Input, E, R> {
  readonly handler: (input: Input) => Effect.Effect<void, E, R>
}

/**
 * Makes the handler of a verb, which loads the module of the verb. The files of this folder only declare flags and help,
 * so the command starts fast.
 */
export const loaded =
  <Input, E, R>(load: () => Promise<Module<Input, E, R>>) =>
  (input: Input): Effect.Effect<void, E, R> =>
    Effect.flatMap(Effect.promise(load), ({ handler }) => handler(input))
