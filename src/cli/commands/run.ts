/**
 * `effect-evals run`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, models, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  definition: Argument.Path("definition").pipe(
    Argument.withMetavar("DEFINITION"),
    Argument.withDescription('A JSON file: {"eval": …, "run": …}, the request bodies that create them')
  ),
  data: Flag.String("data").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'The rows, in place of the source of the run: a JSONL file with {"item": …, "sample": …} per line, or a CSV file; ' +
        "a pipe is possible, and - is standard input"
    ),
    Flag.optional
  ),
  format: Flag.Literals("format", ["jsonl", "csv"]).pipe(
    Flag.withMetavar("FORMAT"),
    Flag.withDescription("The format of --data (default csv if the name ends in .csv or .tsv, otherwise jsonl)"),
    Flag.optional
  ),
  sampleColumn: Flag.String("sample-column").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "The column of a CSV file that is the output_text of the sample (default sample.output_text); each other " +
        "column is a text field of item"
    ),
    Flag.optional
  ),
  ...Flags.target,
  models: Flags.models,
  cache: Flags.cache,
  ...Flags.ceilings,
  minPassRate: Flags.minPassRate,
  name: Flag.String("name").pipe(Flag.withMetavar("NAME"), Flag.withDescription("The name of the run"), Flag.optional),
  isNew: Flag.Boolean("new").pipe(
    Flag.withDescription("Create another eval, even if one with the same definition exists"),
    Flag.withDefault(false)
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription(
      "Check the definition and all rows, print the first requests to models and the tokens of prompts, and send nothing"
    ),
    Flag.withDefault(false)
  ),
  json: Flags.json("Print the summary as JSON")
}

/** The flags of `run`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Creates a run, follows it, and prints its report. */
export const command = Command.make(
  "run",
  flags,
  loaded(() => import("../run.ts"))
).pipe(
  Command.annotate(Environment, [...models, ...target]),
  Command.withDescription(
    "Creates an eval and a run of it, shows the progress, and prints a summary. The run is executed in this process and " +
      "stored in a file, or executed at a host."
  ),
  Command.withShortDescription("Run an eval and print a summary"),
  Command.withExamples([
    {
      command: "effect-evals run tickets.json --data tickets.jsonl",
      description: "In this process, stored in your data folder"
    },
    {
      command: "effect-evals run tickets.json --min-pass-rate 0.9 --json",
      description: "For a pipeline: exit code 1 if fewer than 90 % pass"
    },
    {
      command: "effect-evals run tickets.json --models models.json --dry-run",
      description: "What would be asked, and how much it is"
    },
    {
      command: "effect-evals run tickets.json --base-url http://127.0.0.1:4100/v1",
      description: "At a host, with the key in OPENAI_API_KEY"
    }
  ])
)
