/**
 * `effect-evals list`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  evalId: Argument.String("eval-id").pipe(
    Argument.withMetavar("EVAL_ID"),
    Argument.withDescription("The runs of this eval; without it the evals"),
    Argument.optional
  ),
  status: Flag.Literals("status", ["queued", "in_progress", "completed", "canceled", "failed"]).pipe(
    Flag.withMetavar("STATUS"),
    Flag.withDescription("Only runs of this status"),
    Flag.optional
  ),
  limit: Flags.limit,
  ...Flags.target,
  json: Flags.json("Print each as JSON, one a line")
}

/** The flags of `list`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Lists evals, or the runs of one. */
export const command = Command.make(
  "list",
  flags,
  loaded(() => import("../list.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription("Lists evals, or the runs of an eval with the items that passed, the newest first."),
  Command.withShortDescription("List evals, or the runs of one"),
  Command.withExamples([
    { command: "effect-evals list", description: "The evals of the file in your data folder" },
    { command: "effect-evals list eval_… --db evals.db", description: "The runs of an eval" }
  ])
)
