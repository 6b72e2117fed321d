/**
 * The command and its verbs. It ends with an exit code and never fails.
 */
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Archive from "./archive.ts"
import * as Cancel from "./cancel.ts"
import * as Export from "./export.ts"
import * as Items from "./items.ts"
import * as List from "./list.ts"
import * as Log from "./log.ts"
import * as Run from "./run.ts"
import * as Serve from "./serve.ts"
import * as Show from "./show.ts"
import { exitCodes } from "./Stop.ts"
import * as Watch from "./watch.ts"

const command = Command.make("effect-evals").pipe(
  Command.withDescription(
    "The OpenAI Evals API on your own machine: run evals, serve the API, and save a hosted project."
  ),
  Command.withSubcommands([
    { group: "Run", commands: [Run.command, Serve.command] },
    { group: "Look", commands: [List.command, Show.command, Items.command, Watch.command, Cancel.command] },
    { group: "Save", commands: [Archive.command, Export.command] }
  ])
)

/** Runs the command with arguments; the value is the exit code. */
export const run = (
  args: ReadonlyArray<string>,
  version: string
): Effect.Effect<number, never, Command.Environment | HttpClient.HttpClient> =>
  Command.runWith(command, { version })(args).pipe(
    Effect.as(0),
    Effect.catch((error) => {
      // the help that a wrong call brings is printed already
      if (error._tag === "ShowHelp") return Effect.succeed(error.errors.length === 0 ? 0 : exitCodes.couldNotRun)
      const said = error.message === "" ? Effect.void : Console.error(`effect-evals: ${error.message}`)
      return Effect.as(said, error._tag === "Stop" ? error.code : exitCodes.couldNotRun)
    }),
    Effect.provide(Log.layer)
  )
