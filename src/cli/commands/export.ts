/**
 * `effect-evals export`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

const flags = {
  db: Flags.db.pipe(Flag.withMetavar("FILE"), Flag.withDescription("The file of an archive")),
  out: Flag.Path("out").pipe(
    Flag.withMetavar("PATH"),
    Flag.withDescription("The folder to write into; with --csv the file (default standard output)"),
    Flag.optional
  ),
  csv: Flag.String("csv").pipe(
    Flag.withMetavar("RUN_ID"),
    Flag.withDescription("Write only the output items of this run, as a table"),
    Flag.optional
  ),
  bom: Flag.Boolean("bom").pipe(
    Flag.withDescription("With --csv: begin with a byte order mark, so that Excel reads the text as UTF-8"),
    Flag.withDefault(false)
  ),
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Export only this project (default: all projects of the file)"),
    Flag.optional
  ),
  force: Flag.Boolean("force").pipe(
    Flag.withDescription("Write into a folder that is not empty, or over a file that exists"),
    Flag.withDefault(false)
  )
}

/** The flags of `export`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Writes an archive as plain files. */
export const command = Command.make(
  "export",
  flags,
  loaded(() => import("../export.ts"))
).pipe(
  Command.withDescription(
    "Writes an archive as plain files: JSON lines for each kind of object, files as they were uploaded, and a manifest " +
      "with hashes. docs/archive.md describes them."
  ),
  Command.withShortDescription("Write an archive as plain files"),
  Command.withExamples([
    { command: "effect-evals export --db evals.db --out evals", description: "Everything" },
    { command: "effect-evals export --db evals.db --csv evalrun_… --out run.csv", description: "One run as a table" }
  ])
)
