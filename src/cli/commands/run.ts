/**
 * `effect-evals run`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, target } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  definition: Argument.Path("definition").pipe(
    Argument.withMetavar("DEFINITION"),
    Argument.withDescription('A JSON file: {"eval": …, "run": …}, the bodies that create them')
  ),
  data: Flag.String("data").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'A JSONL file of rows, {"item": …, "sample": …} a line, or a CSV file, in place of the run\'s source; a pipe will ' +
        "do, and - is standard input"
    ),
    Flag.optional
  ),
  format: Flag.Literals("format", ["jsonl", "csv"]).pipe(
    Flag.withMetavar("FORMAT"),
    Flag.withDescription(
      "How the rows of --data are written (default csv where the name ends in .csv or .tsv, else jsonl)"
    ),
    Flag.optional
  ),
  sampleColumn: Flag.String("sample-column").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "The column of a CSV file that is the sample's output_text (default sample.output_text); each other column is a " +
        "text field of item"
    ),
    Flag.optional
  ),
  ...Flags.target,
  minPassRate: Flags.minPassRate,
  name: Flag.String("name").pipe(Flag.withMetavar("NAME"), Flag.withDescription("The name of the run"), Flag.optional),
  isNew: Flag.Boolean("new").pipe(
    Flag.withDescription(
      "Make another eval, though there is one of the same definition that the run could be added to"
    ),
    Flag.withDefault(false)
  ),
  json: Flags.json("Print the summary as JSON")
}

/** The flags of `run`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Runs an eval, and sums up what it came to. */
export const command = Command.make(
  "run",
  flags,
  loaded(() => import("../run.ts"))
).pipe(
  Command.annotate(Environment, target),
  Command.withDescription(
    "Creates an eval and a run of it, shows how far it is, and sums up what it came to. It runs in this process, on a " +
      "file that keeps everything, or at a host."
  ),
  Command.withShortDescription("Run an eval and sum it up"),
  Command.withExamples([
    {
      command: "effect-evals run tickets.json --data tickets.jsonl",
      description: "Here, on the file in your data folder"
    },
    {
      command: "effect-evals run tickets.json --min-pass-rate 0.9 --json",
      description: "For a pipeline: exit code 1 where fewer than 90 % pass"
    },
    {
      command: "effect-evals run tickets.json --base-url http://127.0.0.1:4100/v1",
      description: "At a host, with the key in OPENAI_API_KEY"
    }
  ])
)
