/**
 * The command with all its verbs.
 */
import * as Command from "effect/cli/Command"
import * as Cancel from "./cancel.ts"
import * as Items from "./items.ts"
import * as List from "./list.ts"
import { root, save } from "./root.ts"
import * as Run from "./run.ts"
import * as Serve from "./serve.ts"
import * as Show from "./show.ts"
import * as Watch from "./watch.ts"

/** The command with all its verbs. */
export const command = root.pipe(
  Command.withSubcommands([
    { group: "Run", commands: [Run.command, Serve.command] },
    { group: "Look", commands: [List.command, Show.command, Items.command, Watch.command, Cancel.command] },
    save
  ])
)
