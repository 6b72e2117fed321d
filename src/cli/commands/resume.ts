/**
 * `effect-evals resume`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { Environment, folder } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  runId: Argument.String("run-id").pipe(
    Argument.withMetavar("RUN_ID"),
    Argument.withDescription("The run; all unfinished runs of the file when left out"),
    Argument.optional
  ),
  db: Flags.target.db,
  project: Flags.target.project
}

/** The flags of `resume`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Executes unfinished runs to their end. */
export const command = Command.make(
  "resume",
  flags,
  loaded(() => import("../resume.ts"))
).pipe(
  Command.annotate(Environment, folder),
  Command.withDescription(
    "Executes runs of a file that another process left unfinished, from where they were left to their end, and then ends " +
      "itself. No row is judged twice."
  ),
  Command.withShortDescription("Finish runs that were cut off"),
  Command.withExamples([
    { command: "effect-evals resume", description: "All unfinished runs" },
    { command: "effect-evals resume evalrun_…", description: "One of them" }
  ])
)
