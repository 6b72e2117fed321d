/**
 * `effect-evals items`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  runId: Flags.runId,
  status: Flag.Literals("status", ["pass", "fail", "error"]).pipe(
    Flag.withMetavar("STATUS"),
    Flag.withDescription("Only items that ended so; those that errored are looked for among all"),
    Flag.optional
  ),
  limit: Flags.limit,
  evalId: Flags.evalId,
  ...Flags.target,
  json: Flags.json("Print each item as JSON, one a line")
}

/** The flags of `items`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Shows the output items of a run. */
export const command = Command.make(
  "items",
  flags,
  loaded(() => import("../items.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription(
    "Shows the output items of a run: the row (counted from 0), how it ended, the item in short, and the criteria that " +
      "it did not pass."
  ),
  Command.withShortDescription("Show the items of a run"),
  Command.withExamples([
    { command: "effect-evals items evalrun_… --status fail", description: "What did not pass" },
    { command: "effect-evals items evalrun_… --json > items.jsonl", description: "All of them, as they are served" }
  ])
)
