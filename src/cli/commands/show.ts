/**
 * `effect-evals show`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  id: Argument.String("id").pipe(
    Argument.withMetavar("ID"),
    Argument.withDescription("An eval (eval_…), a run (evalrun_…), an output item (outputitem_…) or a file (file-…)")
  ),
  evalId: Flags.evalId,
  runId: Flag.String("run").pipe(
    Flag.withMetavar("RUN_ID"),
    Flag.withDescription("The run of an output item; required at a host"),
    Flag.optional
  ),
  ...Flags.target,
  json: Flags.json("Print the object as it is served, byte for byte")
}

/** The flags of `show`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Shows one object. */
export const command = Command.make(
  "show",
  flags,
  loaded(() => import("../show.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription("Shows an eval, a run, an output item or a file. The prefix of the id tells which."),
  Command.withShortDescription("Show one object"),
  Command.withExamples([
    { command: "effect-evals show evalrun_…", description: "The summary of a run" },
    { command: "effect-evals show outputitem_… --json", description: "An item as it is served" }
  ])
)
