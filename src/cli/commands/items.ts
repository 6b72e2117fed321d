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
    Flag.withDescription("Show only items of this status; for error all items are read"),
    Flag.optional
  ),
  limit: Flags.limit,
  evalId: Flags.evalId,
  ...Flags.target,
  json: Flags.json("Print each item as JSON, one per line")
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
    "Shows the output items of a run: the row (counted from 0), the status, the first fields of the item, and the " +
      "criteria that it did not pass."
  ),
  Command.withShortDescription("Show the items of a run"),
  Command.withExamples([
    { command: "effect-evals items evalrun_… --status fail", description: "The items that did not pass" },
    { command: "effect-evals items evalrun_… --json > items.jsonl", description: "All items, as they are served" }
  ])
)
