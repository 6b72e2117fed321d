/**
 * `effect-evals cancel`
 */
import * as Command from "effect/cli/Command"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = { runId: Flags.runId, evalId: Flags.evalId, ...Flags.target }

/** The flags of `cancel`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Cancels a run. */
export const command = Command.make(
  "cancel",
  flags,
  loaded(() => import("../cancel.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription(
    "Cancels a run. Judged items are kept. A run that another process executes on the same file stops at its next " +
      "batch of rows."
  ),
  Command.withShortDescription("Cancel a run")
)
