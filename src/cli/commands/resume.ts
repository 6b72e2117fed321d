/**
 * `effect-evals resume`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { Environment, folder, models, network } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  runId: Argument.String("run-id").pipe(
    Argument.withMetavar("RUN_ID"),
    Argument.withDescription("The run (default: all unfinished runs of the file)"),
    Argument.optional
  ),
  db: Flags.target.db,
  project: Flags.target.project,
  models: Flags.models,
  cache: Flags.cache
}

/** The flags of `resume`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Executes unfinished runs. */
export const command = Command.make(
  "resume",
  flags,
  loaded(() => import("../resume.ts"))
).pipe(
  Command.annotate(Environment, [...models, ...network, ...folder]),
  Command.withDescription(
    "Resumes unfinished runs of a file, executes them to their end, and then ends. No row is judged twice."
  ),
  Command.withShortDescription("Finish unfinished runs"),
  Command.withExamples([
    { command: "effect-evals resume", description: "All unfinished runs" },
    { command: "effect-evals resume evalrun_…", description: "One run" }
  ])
)
