/**
 * `effect-evals export`
 */
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { csv, exportCsv } from "../archive/Csv.ts"
import * as Database from "../archive/Database.ts"
import { exportTo } from "../archive/Export.ts"
import * as Output from "./output.ts"
import * as Reports from "./reports.ts"
import { couldNotRun, incomplete } from "./Stop.ts"

const flags = {
  db: Flag.File("db").pipe(Flag.withDescription("The file of an archive")),
  out: Flag.Path("out").pipe(
    Flag.withDescription("The folder to write into; with --csv the file, without which it goes to standard output"),
    Flag.optional
  ),
  csv: Flag.String("csv").pipe(
    Flag.withMetavar("RUN_ID"),
    Flag.withDescription("The output items of one run as a table instead"),
    Flag.optional
  ),
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Only this project (default all that the file holds)"),
    Flag.optional
  ),
  force: Flag.Boolean("force").pipe(
    Flag.withDescription("Write into a folder that is not empty, or over a file that exists"),
    Flag.withDefault(false)
  )
}

type Input = Command.Command.Config.Infer<typeof flags>

const runFiles = Effect.fnUntraced(function* (input: Input, out: string, project: string | undefined) {
  const manifest = yield* exportTo({ out, project, force: input.force })
  yield* Console.log(Reports.exported(manifest, out))
  if (manifest.problems.length > 0) return yield* incomplete
})

const runCsv = Effect.fnUntraced(function* (input: Input, runId: string, project: string | undefined) {
  const out = Option.getOrUndefined(input.out)
  if (out === undefined) return yield* Output.print(csv({ runId, project }))
  const written = yield* exportCsv({ runId, project, out, force: input.force })
  yield* Console.error(`wrote ${out}, ${written.bytes} bytes`)
})

/** Writes an archive as plain files. */
export const command = Command.make("export", flags, (input) => {
  const project = Option.getOrUndefined(input.project)
  const work = Option.isSome(input.csv)
    ? runCsv(input, input.csv.value, project)
    : Option.isSome(input.out)
      ? runFiles(input, input.out.value, project)
      : Effect.fail(couldNotRun("Name the folder to write into with --out, or a run with --csv."))
  return work.pipe(
    Effect.provide(Database.layer({ filename: input.db, readonly: true })),
    Effect.catchTags({
      DatabaseError: (error) => Effect.fail(couldNotRun(error.message)),
      MigrationError: (error) => Effect.fail(couldNotRun(`${input.db}: ${error.message}`)),
      SqlError: (error) => Effect.fail(couldNotRun(`${input.db}: ${error.message}`)),
      ExportError: (error) => Effect.fail(couldNotRun(error.message)),
      PlatformError: (error) => Effect.fail(couldNotRun(error.message))
    })
  )
}).pipe(
  Command.withDescription(
    "Writes an archive as plain files: JSON lines for each kind of object, files as they were uploaded, and a manifest " +
      "with hashes. ARCHIVE.md describes them."
  ),
  Command.withShortDescription("Write an archive as plain files"),
  Command.withExamples([
    { command: "effect-evals export --db evals.db --out evals", description: "Everything" },
    { command: "effect-evals export --db evals.db --csv evalrun_… --out run.csv", description: "One run as a table" }
  ])
)
