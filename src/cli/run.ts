/**
 * `effect-evals run`
 */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import { createEval, deleteEval } from "../Evals.ts"
import type { EvalsError } from "../EvalsError.ts"
import { deleteFile } from "../Files.ts"
import { cancelRun, createRun } from "../Runs.ts"
import { type EvalId, FileId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import type * as Upload from "../Upload.ts"
import { cancelTimeout } from "../Waiting.ts"
import * as Definition from "./definition.ts"
import { follow } from "./following.ts"
import { metered } from "./meter.ts"
import * as Place from "./place.ts"
import * as Rows from "./rows.ts"
import { Stop } from "./Stop.ts"
import * as Summary from "./summary.ts"
import { count, time } from "./words.ts"

/** A rate that is asked for. */
export const minPassRate = Flag.Finite("min-pass-rate").pipe(
  Flag.withMetavar("RATE"),
  Flag.withDescription("End with exit code 1 where fewer of all items pass, from 0 to 1; items that errored count too"),
  Flag.filter(
    (value) => value >= 0 && value <= 1,
    (value) => `a rate from 0 to 1${value > 1 && value <= 100 ? ` (is ${value / 100} meant?)` : ""}`
  ),
  Flag.optional
)

const flags = {
  definition: Argument.File("definition").pipe(
    Argument.withMetavar("DEFINITION"),
    Argument.withDescription('A JSON file: {"eval": …, "run": …}, the bodies that create them')
  ),
  data: Flag.String("data").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'A JSONL file of rows, {"item": …, "sample": …} a line, in place of the run\'s source; - is standard input'
    ),
    Flag.optional
  ),
  ...Place.flags,
  minPassRate,
  name: Flag.String("name").pipe(Flag.withDescription("The name of the run"), Flag.optional),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print the summary as JSON"), Flag.withDefault(false))
}

type Input = Command.Command.Config.Infer<typeof flags>

// rows are looked at before a run is created: large files take their time
const creationTimeout = "1 hour"

const checkingView = {
  done: () => 0,
  line: (millis: number) => `creating the run, which looks at every row: ${time(millis / 1000)} so far`,
  stays: false
}

// what there is to say of a definition was said when it was read
const quietly = Effect.provideService(References.MinimumLogLevel, "Error")

/** Whether it is certain that a request has done nothing. */
const isRefused = ({ status }: EvalsError): boolean => status !== undefined && status >= 400 && status < 500

const create = (evalId: EvalId, params: Run.CreateParams, fileId: string | undefined) =>
  metered(checkingView, (onProgress) =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const ticking = Effect.gen(function* () {
        while (true) {
          yield* Effect.sleep("1 second")
          yield* onProgress((yield* Clock.currentTimeMillis) - began)
        }
      })
      return yield* Effect.raceFirst(
        createRun(evalId, params, { timeout: creationTimeout }),
        Effect.interruptible(ticking)
      )
    })
  ).pipe(
    // what was refused leaves nothing behind
    Effect.tapError((error) =>
      isRefused(error)
        ? Effect.gen(function* () {
            const evalGone = Effect.isSuccess(deleteEval(evalId))
            const fileGone =
              fileId === undefined ? Effect.succeed(false) : Effect.isSuccess(deleteFile(FileId.make(fileId)))
            const gone = [...((yield* evalGone) ? [evalId] : []), ...((yield* fileGone) ? [fileId] : [])]
            if (gone.length > 0) yield* Console.error(`removed  ${gone.join(" and ")}, since there is no run`)
          })
        : Effect.void
    )
  )

// who has sent a file does not know it by its id
const withName = ({ code, message }: Stop, id: string, filename: string): Stop =>
  new Stop({ code, message: message.replaceAll(id, filename) })

const stopRun = (run: Run.Run, place: Place.Place) =>
  cancelRun(run.eval_id, run.id).pipe(
    Effect.timeout(cancelTimeout),
    Effect.matchEffect({
      onFailure: (error) => Console.error(`interrupted; ${run.id} could not be canceled and goes on: ${error.message}`),
      onSuccess: (canceled) =>
        Console.error(
          `interrupted; ${run.id} is ${canceled.status}, with ${count(canceled.result_counts.total)} items judged\n` +
            `look at it: effect-evals show ${run.id}${Summary.itemFlags({ place, run })}`
        )
    })
  )

const execute = (input: Input, definition: Definition.Definition, file: Upload.Upload | undefined) =>
  Effect.fnUntraced(function* (place: Place.Place) {
    if (place.database !== undefined) yield* Console.error(`database ${place.database}`)
    const one = yield* quietly(createEval(definition.eval))
    yield* Console.error(`eval     ${one.id}`)
    const sent = file === undefined ? undefined : yield* Rows.send(file)
    if (sent !== undefined) yield* Console.error(`file     ${sent.id}  ${sent.words}`)
    const began = yield* Clock.currentTimeMillis
    const { run, rows } = withRows(definition.run, sent)
    const ended = yield* Effect.acquireUseRelease(
      Effect.mapError(create(one.id, run, sent?.id), (error) =>
        sent === undefined || file === undefined ? error : withName(place.explain(error), sent.id, file.filename)
      ),
      (created) => Effect.andThen(Console.error(`run      ${created.id}`), follow(one.id, created.id, rows)),
      (created, exit) => (Exit.hasInterrupts(exit) ? stopRun(created, place) : Effect.void)
    )
    const subject: Summary.Subject = {
      eval: one,
      run: ended,
      place,
      sent: definition.eval.testing_criteria,
      rows,
      seconds: ((yield* Clock.currentTimeMillis) - began) / 1000,
      minPassRate: Option.getOrUndefined(input.minPassRate)
    }
    if (yield* (yield* Stdio.Stdio).stderrIsTerminal) yield* Console.error("")
    yield* Summary.print(subject, input.json)
    yield* Summary.conclude(subject)
  })

const withRows = (
  run: Run.CreateParams,
  sent: { readonly id: string; readonly rows: number } | undefined
): { readonly run: Run.CreateParams; readonly rows: number | undefined } => {
  if (sent !== undefined) {
    const source = { type: "file_id", id: sent.id } as const
    return { run: { ...run, data_source: { ...run.data_source, source } }, rows: sent.rows }
  }
  const { source } = run.data_source
  return { run, rows: source.type === "file_content" ? source.content.length : undefined }
}

/** Runs an eval, and sums up what it came to. */
export const command = Command.make("run", flags, (input) =>
  Effect.gen(function* () {
    const data = Option.getOrUndefined(input.data)
    const definition = yield* Definition.read(input.definition, {
      name: Option.getOrUndefined(input.name),
      data: data !== undefined
    })
    for (const warning of definition.warnings) yield* Console.error(`warning: ${warning}`)
    const file = data === undefined ? undefined : yield* data === "-" ? Rows.piped : Rows.open(data)
    yield* Place.at(input, "execute", execute(input, definition, file))
  }).pipe(Effect.scoped)
).pipe(
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
