/**
 * `effect-evals watch`
 */
import * as Command from "effect/cli/Command"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  runId: Flags.runId,
  evalId: Flags.evalId,
  ...Flags.target,
  minPassRate: Flags.minPassRate,
  json: Flags.json("Print the summary as JSON")
}

/** The flags of `watch`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Follows a run until it has ended, and prints its report. */
export const command = Command.make(
  "watch",
  flags,
  loaded(() => import("../watch.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription("Follows a run of another process or host until it has ended, and prints a summary."),
  Command.withShortDescription("Follow a run and print a summary")
)
