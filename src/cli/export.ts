/**
 * `effect-evals export`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { csv, exportCsv } from "../archive/Csv.ts"
import * as Database from "../archive/Database.ts"
import { exportTo } from "../archive/Export.ts"
import type { Input } from "./commands/export.ts"
import * as Output from "./output.ts"
import * as FormatArchive from "./formatArchive.ts"
import { couldNotRun, incomplete } from "./Stop.ts"

const runFiles = Effect.fnUntraced(function* (input: Input, out: string, project: string | undefined) {
  const manifest = yield* exportTo({ out, project, force: input.force })
  yield* Console.log(FormatArchive.formatManifest(manifest, out))
  if (manifest.problems.length > 0) return yield* incomplete
})

const runCsv = Effect.fnUntraced(function* (input: Input, runId: string, project: string | undefined) {
  const out = Option.getOrUndefined(input.out)
  const { bom, force } = input
  if (out === undefined) return yield* Output.print(csv({ runId, project, bom }))
  const written = yield* exportCsv({ runId, project, bom, out, force })
  yield* Console.error(`wrote ${out}, ${written.bytes} bytes`)
})

/** Writes an archive as plain files. */
export const handler = (input: Input) => {
  const project = Option.getOrUndefined(input.project)
  if (input.bom && Option.isNone(input.csv)) {
    return Effect.fail(couldNotRun("--bom is for a table: name a run with --csv."))
  }
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
      ExportError: (error) => Effect.fail(couldNotRun(error.message))
    })
  )
}
