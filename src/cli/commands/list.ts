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
    Argument.withDescription("List the runs of this eval (default: list the evals)"),
    Argument.optional
  ),
  status: Flag.Literals("status", ["queued", "in_progress", "completed", "canceled", "failed"]).pipe(
    Flag.withMetavar("STATUS"),
    Flag.withDescription("List only runs of this status"),
    Flag.optional
  ),
  limit: Flags.limit,
  ...Flags.target,
  json: Flags.json("Print each object as JSON, one per line")
}

/** The flags of `list`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Lists evals, or the runs of an eval. */
export const command = Command.make(
  "list",
  flags,
  loaded(() => import("../list.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription("Lists evals, or the runs of an eval with their passed items. The newest comes first."),
  Command.withShortDescription("List evals, or the runs of an eval"),
  Command.withExamples([
    { command: "effect-evals list", description: "The evals of the file in your data folder" },
    { command: "effect-evals list eval_… --db evals.db", description: "The runs of an eval" }
  ])
)
