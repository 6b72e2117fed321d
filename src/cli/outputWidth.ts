/**
 * The width of standard output.
 */
import * as Effect from "effect/Effect"
import * as Stdio from "effect/Stdio"
import * as Terminal from "effect/Terminal"

/** The number of columns of standard output. Undefined if it is no terminal: lines are then not cut. */
export const outputWidth: Effect.Effect<number | undefined, never, Stdio.Stdio | Terminal.Terminal> = Effect.gen(
  function* () {
    const stdio = yield* Stdio.Stdio
    const terminal = yield* Terminal.Terminal
    if (!(yield* stdio.stdoutIsTerminal)) return undefined
    const columns = yield* terminal.columns
    return columns === 0 ? 80 : columns
  }
)
