/**
 * `effect-evals models`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, models, network } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  models: Flags.models,
  check: Flag.String("check").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Send one small request to this model, and say what came of it"),
    Flag.optional
  ),
  json: Flags.json("Print JSON, without keys")
}

/** The flags of `models`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Lists the models, or asks one. */
export const command = Command.make(
  "models",
  flags,
  loaded(() => import("../listModels.ts"))
).pipe(
  Command.annotate(Environment, [...models, ...network]),
  Command.withDescription(
    "Lists the endpoints that runs in this process ask, with their limits and prices. The first entry that fits the name " +
      "of a model is used. --check asks a model one question, which costs a few tokens."
  ),
  Command.withShortDescription("List the endpoints of models, or try one"),
  Command.withExamples([
    { command: "effect-evals models --models models.json", description: "The entries of a file" },
    { command: "effect-evals models --check gpt-4.1", description: "Whether the endpoint of this model answers" }
  ])
)
