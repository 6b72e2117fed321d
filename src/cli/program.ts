/**
 * The command as an effect. It returns an exit code and never fails.
 */
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Help from "./help.ts"
import * as Log from "./log.ts"
import { exitCodes } from "./Stop.ts"
import { command } from "./verbs.ts"
import { visible } from "../report/plainText.ts"

// only results go to standard output, which another program may read
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

/** Runs the command. Returns the exit code. */
export const run = (args: ReadonlyArray<string>, version: string): Effect.Effect<number, never, Command.Environment> =>
  Command.runWith(command, { version })(args).pipe(
    Effect.as(0),
    Effect.catch((error) => {
      // the faults of a call were printed already
      if (error._tag === "ShowHelp") return Effect.succeed(error.errors.length === 0 ? 0 : exitCodes.couldNotRun)
      const said =
        error.message === ""
          ? Effect.void
          : Console.error(`effect-evals: ${error.message.split("\n").map(visible).join("\n")}`)
      return Effect.as(said, error._tag === "Stop" ? error.code : exitCodes.couldNotRun)
    }),
    Effect.provide([Log.layer, presenter, Help.layer])
  )
