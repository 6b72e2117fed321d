/**
 * Environment variables.
 *
 * @internal
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Reads a variable. The value is undefined if the variable is not set. */
export const optional = <A>(config: Config.Config<A>): Effect.Effect<A | undefined, Config.ConfigError> =>
  Effect.map(Config.option(config), Option.getOrUndefined)
