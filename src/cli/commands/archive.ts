/**
 * `effect-evals archive`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { Environment, host } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  db: Flags.db.pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("The file to save into; it is created if it does not exist")
  ),
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("The address of the API (default OPENAI_BASE_URL, or https://api.openai.com/v1)"),
    Flag.optional
  ),
  evals: Flag.String("eval").pipe(
    Flag.withMetavar("EVAL_ID"),
    Flag.withDescription("Save only this eval, its runs and their files; may be repeated"),
    Flag.atLeast(0)
  ),
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription(
      "The name of the project in the file (default OPENAI_PROJECT_ID, or the project that the host names)"
    ),
    Flag.optional
  ),
  concurrency: Flag.Int("concurrency").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("The most concurrent requests; fewer when the host limits the rate (default 16)"),
    Flag.filter(
      (value) => value >= 1 && value <= 256,
      (value) => `${value} is not between 1 and 256`
    ),
    Flag.withDefault(16)
  ),
  dryRun: Flag.Boolean("dry-run").pipe(
    Flag.withDescription("Report the amount of data, and write nothing"),
    Flag.withDefault(false)
  ),
  verify: Flag.Boolean("verify").pipe(
    Flag.withDescription("Check the hashes and counts of the file, without network access"),
    Flag.withDefault(false)
  ),
  json: Flags.json("Print the report as JSON")
}

/** The flags of `archive`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Saves a hosted project into a file. */
export const command = Command.make(
  "archive",
  flags,
  loaded(() => import("../archive.ts"))
).pipe(
  Command.annotate(Environment, [["OPENAI_BASE_URL", "The address of the API, unless --base-url is given"], ...host]),
  Command.withDescription(
    "Saves a hosted project: evals, runs, output items and files, each as the exact text that the host sent. " +
      "After a stop the same command resumes. OpenAI's own host could be read until 2026-11-30; docs/archive.md, " +
      '"If you did not archive", lists the data that remain.'
  ),
  Command.withShortDescription("Save a hosted project into a file"),
  Command.withExamples([
    {
      command: "effect-evals archive --db evals.db",
      description: "Everything that the key in OPENAI_API_KEY may read"
    },
    {
      command: "effect-evals archive --db evals.db --dry-run",
      description: "The amount of data, and the expected duration"
    },
    {
      command: "effect-evals archive --db evals.db --verify",
      description: "Whether the file is intact; needs no network access"
    }
  ])
)
