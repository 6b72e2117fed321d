/**
 * `effect-evals run --dry-run`: checks a definition and its rows, shows the first requests to models, and counts the
 * tokens of prompts. Nothing is sent, and nothing is created outside of memory.
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Stream from "effect/Stream"
import { Models, type Service } from "../engine/models/Models.ts"
import { EvalsClient } from "../EvalsClient.ts"
import { createEval } from "../Evals.ts"
import { downloadFile, uploadFile } from "../Files.ts"
import type { HeaderValues } from "../Options.ts"
import { plain } from "../report/plainText.ts"
import { FileId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import * as Upload from "../Upload.ts"
import { watchRun } from "../Waiting.ts"
import { askedModels } from "./askedModels.ts"
import { ceilingHeaders } from "./ceilings.ts"
import type { Input } from "./commands/run.ts"
import type * as Definition from "./definition.ts"
import * as Report from "./dryRunReport.ts"
import { layerTrying } from "./engineInFile.ts"
import { createChecked, quietly } from "./makeRun.ts"
import * as ModelsInUse from "./models.ts"
import { prepared } from "./rowSamples.ts"
import * as Rows from "./rows.ts"
import { systemReason } from "../store/systemReason.ts"
import { couldNotRun, Stop } from "./Stop.ts"
import * as Target from "./target.ts"
import { clientOfEngine, unusable } from "./targetInFile.ts"
import * as UnsentModels from "./unsentModels.ts"

/** How many rows are shown. */
const shownRows = 3

/** How many rows have their tokens counted. */
const countedRows = 100

/** A definition without its rows, and the rows. */
interface Plan {
  readonly eval: Definition.Definition["eval"]
  readonly run: Run.CreateParams
  readonly rows: Rows.Rows | undefined
  /** The ceilings of the run. */
  readonly headers: HeaderValues
}

/** Makes a copy of the uploaded file that a run reads its rows from. */
const copied = Effect.fnUntraced(function* (input: Input, id: FileId) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Effect.orDie(fs.makeTempFileScoped({ prefix: "effect-evals-", suffix: ".jsonl" }))
  yield* Target.at(input, "read", () =>
    Stream.run(downloadFile(id), fs.sink(path)).pipe(
      Effect.catchTag("PlatformError", (error) =>
        Effect.fail(couldNotRun(`${id} cannot be copied into ${path}: ${systemReason(error)}`))
      )
    )
  )
  return { ...(yield* Rows.open(path, { format: "jsonl", sampleColumn: undefined })), name: id }
})

const withSource = (run: Run.CreateParams, id: string): Run.CreateParams => ({
  ...run,
  data_source: { ...run.data_source, source: { type: "file_id", id: FileId.make(id) } }
})

const inMemory = <A, E, R>(executes: boolean, service: Service, self: Effect.Effect<A, E, R>) =>
  self.pipe(
    Effect.provideServiceEffect(EvalsClient, clientOfEngine),
    Effect.provide(layerTrying(executes)),
    Effect.provideService(Models, service)
  )

/** Has the engine check the definition and each row. Returns the number of rows. */
const validate = ({ eval: one, headers, rows, run }: Plan) =>
  Effect.gen(function* () {
    const { id } = yield* quietly(createEval(one))
    const sent = rows === undefined ? undefined : yield* Rows.send(rows.upload)
    const params = sent === undefined ? run : withSource(run, sent.id)
    const { value, warnings } = yield* createChecked(id, params, headers).pipe(
      Effect.catchTag("EvalsError", (error) =>
        Effect.gen(function* () {
          const { code, message } = unusable("")(error)
          if (sent === undefined || rows === undefined) return yield* new Stop({ code, message })
          return yield* new Stop({ code, message: yield* Rows.named(rows, sent.id, message) })
        })
      )
    )
    for (const warning of warnings) yield* Console.error(`warning: ${plain(warning)}`)
    return value.evals_rows?.total ?? sent?.rows ?? 0
  })

const firstLines = ({ rows, run }: Plan): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.gen(function* () {
    const { source } = run.data_source
    if (rows === undefined) {
      return source.type === "file_content"
        ? source.content.slice(0, countedRows).map((row) => JSON.stringify(row))
        : []
    }
    const fs = yield* FileSystem.FileSystem
    return yield* fs.stream(rows.path).pipe(
      Stream.decodeText,
      Stream.splitLines,
      Stream.filter((line) => line.trim() !== ""),
      Stream.take(countedRows),
      Stream.runCollect,
      Effect.orDie
    )
  })

/** Executes runs over the first row, over each of those that follow, and over all lines, with models that send nothing. */
const ask = (plan: Plan, lines: ReadonlyArray<string>, take: UnsentModels.UnsentModels["take"]) =>
  Effect.gen(function* () {
    if (lines.length === 0) return { shown: [], counted: [] }
    const { id: evalId } = yield* quietly(createEval(plan.eval))
    const over = Effect.fnUntraced(function* (some: ReadonlyArray<string>) {
      const upload = Upload.fromBlob(new Blob(some.map((line) => `${line}\n`)), { filename: "rows.jsonl" })
      const file = yield* uploadFile({ file: upload, purpose: "evals" })
      const { value } = yield* createChecked(evalId, withSource(plan.run, file.id))
      yield* Stream.runDrain(watchRun(evalId, value.id))
      return take()
    })
    const shown: Array<Report.Shown> = []
    for (const [row, line] of lines.slice(0, shownRows).entries()) shown.push({ row, requests: yield* over([line]) })
    return { shown, counted: yield* over(lines) }
  })

/** Tries a definition without asking anybody. */
export const dryRun = Effect.fnUntraced(function* (
  input: Input,
  definition: Definition.Definition,
  data: Rows.Rows | undefined
) {
  const unsent = UnsentModels.make()
  const models = yield* ModelsInUse.open({ file: input.models, asks: false, transport: unsent.layer })
  const service = unsent.over(models.service)
  const { source } = definition.run.data_source
  const rows = data ?? (source.type === "file_id" ? yield* copied(input, FileId.make(source.id)) : undefined)
  const { note, run } = yield* Effect.provideService(prepared(definition.run, rows), Models, service)
  const plan: Plan = { eval: definition.eval, run, rows, headers: ceilingHeaders(input) }
  if (note !== undefined) yield* Console.error(`note     ${note}`)
  const failed = Effect.mapError(unusable("The database in memory"))
  const total = yield* failed(inMemory(false, service, validate(plan)))
  const asked = askedModels({ eval: definition.eval, run })
  const lines = asked.length === 0 ? [] : yield* firstLines(plan)
  const { counted, shown } = yield* failed(inMemory(true, service, ask(plan, lines, unsent.take)))
  const found: Report.DryRun = {
    definition: input.definition,
    rows: total,
    counted: { rows: lines.length, requests: counted },
    shown,
    models: asked.map((one) => ({ ...one, at: models.service.find(one.model) }))
  }
  const tokens = yield* Report.countTokens(found)
  yield* Console.log(
    input.json ? JSON.stringify(Report.toJson(found, tokens), null, 2) : Report.format(found, tokens).join("\n")
  )
})
