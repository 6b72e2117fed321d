/**
 * The command with its verbs: their flags and their help. The module of a verb is loaded when the verb is chosen.
 */
import * as Command from "effect/cli/Command"
import * as Archive from "./commands/archive.ts"
import * as Cancel from "./commands/cancel.ts"
import * as Export from "./commands/export.ts"
import * as Items from "./commands/items.ts"
import * as List from "./commands/list.ts"
import * as Models from "./commands/models.ts"
import * as Resume from "./commands/resume.ts"
import * as Retry from "./commands/retry.ts"
import * as Run from "./commands/run.ts"
import * as Serve from "./commands/serve.ts"
import * as Show from "./commands/show.ts"
import * as Watch from "./commands/watch.ts"

/** The command with all its verbs. */
export const command = Command.make("effect-evals").pipe(
  Command.withDescription(
    "The OpenAI Evals API on your own machine: run evals, serve the API, and save a hosted project."
  ),
  Command.withSubcommands([
    { group: "Run", commands: [Run.command, Resume.command, Retry.command, Serve.command, Models.command] },
    { group: "Look", commands: [List.command, Show.command, Items.command, Watch.command, Cancel.command] },
    { group: "Save", commands: [Archive.command, Export.command] }
  ])
)
