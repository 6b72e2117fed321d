/**
 * The help of a command, with its environment variables and the data folder of this machine.
 */
import * as CliOutput from "effect/cli/CliOutput"
import type { HelpDoc } from "effect/cli/HelpDoc"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as UserDirectories from "effect/persistence/UserDirectories"
import { Environment } from "./commands/environment.ts"
import { table } from "./textLayout.ts"

/** The phrase of the flags for the default file. */
const defaultFile = "evals.db in your data folder"

const withFolder = (doc: HelpDoc, folder: string): HelpDoc => ({
  ...doc,
  flags: doc.flags.map((flag) => ({
    ...flag,
    description: Option.map(flag.description, (text) => text.replace(defaultFile, `${defaultFile}, ${folder}`))
  }))
})

const environmentOf = ({ annotations }: HelpDoc): ReadonlyArray<string> => {
  const variables = Context.get(annotations, Environment)
  return variables.length === 0 ? [] : ["", "ENVIRONMENT", ...table(variables, 2).map((line) => `  ${line}`)]
}

/** Adds the environment variables and the data folder to the help. */
export const layer: Layer.Layer<never> = Layer.unwrap(
  Effect.map(
    // commands that need the folder report that there is none
    Effect.orElseSucceed(UserDirectories.make().data("effect-evals"), () => undefined),
    (folder) => {
      const formatter = CliOutput.defaultFormatter()
      return CliOutput.layer({
        ...formatter,
        formatHelpDoc: (doc) =>
          [formatter.formatHelpDoc(folder === undefined ? doc : withFolder(doc, folder)), ...environmentOf(doc)].join(
            "\n"
          )
      })
    }
  )
)
