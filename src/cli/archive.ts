/**
 * `effect-evals archive`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { archive } from "../archive/Archive.ts"
import * as Database from "../archive/Database.ts"
import { plan } from "../archive/Plan.ts"
import { verify } from "../archive/Verify.ts"
import { EvalId } from "../schema/Ids.ts"
import type { Input } from "./commands/archive.ts"
import { contact, fromEnvironment } from "./host.ts"
import { outputWidth } from "./outputWidth.ts"
import { withArchiveProgress } from "./archiveProgress.ts"
import * as FormatArchive from "./formatArchive.ts"
import { couldNotRun, incomplete } from "./Stop.ts"

const print = (json: boolean, report: object, text: string) =>
  Console.log(json ? JSON.stringify(report, null, 2) : text)

const runVerify = Effect.fnUntraced(function* (input: Input) {
  const project = Option.getOrUndefined(input.project)
  const found = yield* verify({ project }).pipe(Effect.provide(Database.layer({ filename: input.db, readonly: true })))
  if (project !== undefined && found.projects.length === 0) {
    return yield* couldNotRun(`${input.db} holds no project ${project}.`)
  }
  yield* print(input.json, found, FormatArchive.formatVerification(found, input.db))
  if (!found.complete) return yield* incomplete
})

const evalIdsOf = (input: Input): ReadonlyArray<EvalId> | undefined => {
  const ids = input.evals.flatMap((given) => given.split(",")).filter((id) => id !== "")
  return ids.length === 0 ? undefined : [...new Set(ids)].map((id) => EvalId.make(id))
}

const runDry = Effect.fnUntraced(function* (
  input: Input,
  evalIds: ReadonlyArray<EvalId> | undefined,
  filesOnly: boolean
) {
  const { concurrency } = input
  const planned = yield* plan({ evalIds, filesOnly, concurrency })
  yield* print(input.json, planned, FormatArchive.formatPlan(planned, { concurrency, width: yield* outputWidth }))
  if (planned.failed.length > 0) return yield* incomplete
})

const runArchive = Effect.fnUntraced(function* (input: Input) {
  const host = yield* fromEnvironment({ baseUrl: Option.getOrUndefined(input.baseUrl) })
  const evalIds = evalIdsOf(input)
  yield* Effect.gen(function* () {
    const answer = yield* contact(host.origin, evalIds)
    if (answer.empty) {
      return yield* couldNotRun(
        `${host.origin} lists no evals and no files for evals with this key: there is nothing to save.\n` +
          "Check that the key belongs to the project (OPENAI_API_KEY), or name the project (OPENAI_PROJECT_ID)."
      )
    }
    const filesOnly = answer.ended !== undefined
    if (answer.ended !== undefined) {
      yield* Console.error(`${answer.ended}\nIts files for evals can still be read, and only they are saved.`)
    }
    if (input.dryRun) return yield* runDry(input, evalIds, filesOnly)
    const project = Option.getOrElse(input.project, () => host.projectId ?? answer.project ?? "default")
    const report = yield* withArchiveProgress((onProgress) =>
      archive({
        project,
        host: host.origin,
        evalIds,
        filesOnly,
        concurrency: input.concurrency,
        onProgress
      })
    ).pipe(
      Effect.onInterrupt(() =>
        Console.error(`Stopped. The objects read so far are saved in ${input.db}; the same command resumes.`)
      ),
      Effect.provide(Database.layer({ filename: input.db }))
    )
    yield* print(input.json, report, FormatArchive.formatReport(report, input.db, yield* outputWidth))
    if (!report.complete) return yield* incomplete
  }).pipe(Effect.provide(host.layer))
})

/** Saves a hosted project into a file. */
export const handler = (input: Input) => {
  if (input.verify && input.dryRun) return Effect.fail(couldNotRun("--verify and --dry-run cannot be combined."))
  return (input.verify ? runVerify(input) : runArchive(input)).pipe(
    Effect.catchTags({
      DatabaseError: (error) => Effect.fail(couldNotRun(error.message)),
      MigrationError: (error) => Effect.fail(couldNotRun(`${input.db}: ${error.message}`)),
      SqlError: (error) => Effect.fail(couldNotRun(`${input.db}: ${error.message}`))
    })
  )
}
