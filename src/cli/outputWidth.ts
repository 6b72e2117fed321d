/**
 * The width of standard output.
 */
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"

/** The columns of the terminal that standard output is; undefined where it is none, and nothing is cut. */
export const outputWidth: Effect.Effect<number | undefined, never, Stdio.Stdio | Terminal.Terminal> = Effect.gen(
  function* () {
    const stdio = yield* Stdio.Stdio
    const terminal = yield* Terminal.Terminal
    if (!(yield* stdio.stdoutIsTerminal)) return undefined
    const columns = yield* terminal.columns
    return columns === 0 ? 80 : columns
  }
)
