/**
 * The help of a command: with the environment variables that count for it, and the
 * folders of this machine.
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

/** The words by which flags name the default file. */
const folderWords = "evals.db in your data folder"

const withFolder = (doc: HelpDoc, folder: string): HelpDoc => ({
  ...doc,
  flags: doc.flags.map((flag) => ({
    ...flag,
    description: Option.map(flag.description, (text) => text.replace(folderWords, `${folderWords}, ${folder}`))
  }))
})

const environmentOf = ({ annotations }: HelpDoc): ReadonlyArray<string> => {
  const variables = Context.get(annotations, Environment)
  return variables.length === 0 ? [] : ["", "ENVIRONMENT", ...table(variables, 2).map((line) => `  ${line}`)]
}

/** Formats help for this machine. */
export const layer: Layer.Layer<never> = Layer.unwrap(
  Effect.map(
    // where there is no such folder, the commands say so
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
