/**
 * The command and its verbs. It ends with an exit code and never fails.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Log from "./log.ts"
import { root, save } from "./root.ts"
import { exitCodes } from "./Stop.ts"

const saving = root.pipe(Command.withSubcommands([save]))

// an engine takes longer to load than an archive to begin
const started = (args: ReadonlyArray<string>, version: string) =>
  args[0] === "archive" || args[0] === "export"
    ? Command.runWith(saving, { version })(args)
    : Effect.flatMap(
        Effect.promise(() => import("./verbs.ts")),
        ({ command }) => Command.runWith(command, { version })(args)
      )

// standard output is for what was asked for: a program may be reading it
const presenter = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          [
            ...event.errors.map(({ message }) => `effect-evals: ${message}`),
            `usage: ${event.helpDoc.usage}`,
            `see ${event.commandPath.join(" ")} --help`
          ].join("\n")
        )
      : CliOutput.defaultPresenter.present(event)
})

/** Runs the command with arguments; the value is the exit code. */
export const run = (
  args: ReadonlyArray<string>,
  version: string
): Effect.Effect<number, never, Command.Environment | HttpClient.HttpClient> =>
  started(args, version).pipe(
    Effect.as(0),
    Effect.catch((error) => {
      // what is wrong with a call is said already
      if (error._tag === "ShowHelp") return Effect.succeed(error.errors.length === 0 ? 0 : exitCodes.couldNotRun)
      const said = error.message === "" ? Effect.void : Console.error(`effect-evals: ${error.message}`)
      return Effect.as(said, error._tag === "Stop" ? error.code : exitCodes.couldNotRun)
    }),
    Effect.provide([Log.layer, presenter])
  )
