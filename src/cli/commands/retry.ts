/**
 * `effect-evals retry`
 */
import * as Command from "effect/cli/Command"
import { Environment, models, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  runId: Flags.runId,
  evalId: Flags.evalId,
  ...Flags.target,
  models: Flags.models,
  cache: Flags.cache,
  ...Flags.ceilings,
  minPassRate: Flags.minPassRate,
  json: Flags.json("Print the summary as JSON")
}

/** The flags of `retry`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Continues a run that has ended, follows it, and prints its report. */
export const command = Command.make(
  "retry",
  flags,
  loaded(() => import("../retry.ts"))
).pipe(
  Command.annotate(Environment, [...models, ...target]),
  Command.withDescription(
    "Executes the errored rows of a run that has ended again, and the rows that were never judged. Items that passed or " +
      "failed stay. Shows the progress, and prints a summary. The host must be a server of effect-evals."
  ),
  Command.withShortDescription("Execute errored rows of a run again"),
  Command.withExamples([
    { command: "effect-evals retry evalrun_…", description: "A run of the file in your data folder" },
    {
      command: "effect-evals retry evalrun_… --base-url http://127.0.0.1:4100/v1",
      description: "At a server, with the key in OPENAI_API_KEY"
    }
  ])
)
