/**
 * The command without its verbs, and the verbs that save a hosted project.
 */
import * as Command from "effect/cli/Command"
import * as Archive from "./archive.ts"
import * as Export from "./export.ts"

/** The command without its verbs. */
export const root = Command.make("effect-evals").pipe(
  Command.withDescription(
    "The OpenAI Evals API on your own machine: run evals, serve the API, and save a hosted project."
  )
)

/** The verbs that save a hosted project, which do without an engine. */
export const save = { group: "Save", commands: [Archive.command, Export.command] } as const
