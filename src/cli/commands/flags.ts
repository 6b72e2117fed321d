/**
 * The flags and arguments that several verbs share.
 */
import * as Argument from "effect/cli/Argument"
import type * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"

/** The database file. The store checks it when it opens it. */
export const db = Flag.Path("db", { typeName: "file" })

/** The flags that name a target: a file of this machine, or a host. */
export const target = {
  db: db.pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("The file of the engine and of archives (default evals.db in your data folder)"),
    Flag.optional
  ),
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("Use a host at this address in place of a file, with the key in OPENAI_API_KEY"),
    Flag.optional
  ),
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The project, if the file holds several or the key has access to several"),
    Flag.optional
  )
}

/** The values of the flags that name a target. */
export type Target = Command.Command.Config.Infer<typeof target>

/** The file of the models. */
export const models = Flag.Path("models", { typeName: "file" }).pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription(
    "The models that runs in this process ask: a JSON file with an endpoint for each name (docs/models.md)"
  ),
  Flag.optional
)

/** Keeps answers of models. */
export const cache = Flag.Boolean("cache").pipe(
  Flag.withDescription("Keep answers of models in the file, and do not send the same request again"),
  Flag.withDefault(false)
)

const ceiling = (name: string, words: string) =>
  Flag.Int(name).pipe(
    Flag.withMetavar("N"),
    Flag.withDescription(words),
    Flag.filter(
      (value) => value >= 0,
      () => "0 or more"
    ),
    Flag.optional
  )

/** The flag of a limit of money. */
export const money = (name: string, words: string) =>
  Flag.Finite(name).pipe(
    Flag.withMetavar("AMOUNT"),
    Flag.withDescription(`${words}, by the prices in the file of models`),
    Flag.filter(
      (value) => value >= 0,
      () => "0 or more"
    ),
    Flag.optional
  )

/** The flags of the ceilings of a run. */
export const ceilings = {
  maxTokens: ceiling("max-tokens", "Cancel a run that needs more tokens of models, prompts and answers together"),
  maxRequests: ceiling("max-requests", "Cancel a run that needs more requests to models"),
  maxCost: money("max-cost", "Cancel a run that costs more")
}

/** The values of the flags of ceilings. */
export type Ceilings = Command.Command.Config.Infer<typeof ceilings>

/** The eval of a run. */
export const evalId = Flag.String("eval").pipe(
  Flag.withMetavar("EVAL_ID"),
  Flag.withDescription("The eval of the run; at a host this avoids a search"),
  Flag.optional
)

/** A run. */
export const runId = Argument.String("run-id").pipe(Argument.withMetavar("RUN_ID"), Argument.withDescription("The run"))

/** The largest number of objects to show. */
export const limit = Flag.Int("limit").pipe(
  Flag.withMetavar("N"),
  Flag.withDescription("Show at most N objects (default all)"),
  Flag.filter(
    (value) => value >= 1,
    () => "1 or more"
  ),
  Flag.optional
)

/** The lowest share of items that must pass. */
export const minPassRate = Flag.Finite("min-pass-rate").pipe(
  Flag.withMetavar("RATE"),
  Flag.withDescription(
    "End with exit code 1 if a smaller share of all items passes, from 0 to 1; errored items count as not passed"
  ),
  Flag.filter(
    (value) => value >= 0 && value <= 1,
    (value) => `a rate from 0 to 1${value > 1 && value <= 100 ? ` (is ${value / 100} meant?)` : ""}`
  ),
  Flag.optional
)

/** Prints JSON in place of text. */
export const json = (description: string) =>
  Flag.Boolean("json").pipe(Flag.withDescription(description), Flag.withDefault(false))
