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
import * as Stdio from "effect/Stdio"
import { cancelRun } from "../Runs.ts"
import type * as Run from "../schema/Run.ts"
import { cancelTimeout } from "../Waiting.ts"
import * as Definition from "./definition.ts"
import { follow } from "./following.ts"
import { make } from "./making.ts"
import * as Place from "./place.ts"
import * as Rows from "./rows.ts"
import { asSampled } from "./sampled.ts"
import { couldNotRun } from "./Stop.ts"
import * as Summary from "./summary.ts"
import { count } from "./words.ts"

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
  ...Place.flags,
  minPassRate,
  name: Flag.String("name").pipe(Flag.withDescription("The name of the run"), Flag.optional),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Print the summary as JSON"), Flag.withDefault(false))
}

type Input = Command.Command.Config.Infer<typeof flags>

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

const execute = (input: Input, definition: Definition.Definition, rows: Rows.Rows | undefined) =>
  Effect.fnUntraced(function* (place: Place.Place) {
    // a host may have an endpoint of its own; here there is none yet
    const { note, run } =
      place.database === undefined ? { run: definition.run, note: undefined } : yield* asSampled(definition.run, rows)
    if (place.database !== undefined) yield* Console.error(`database ${place.database}`)
    if (note !== undefined) yield* Console.error(`note     ${note}`)
    const began = yield* Clock.currentTimeMillis
    const made = yield* Effect.acquireUseRelease(
      make({ eval: definition.eval, run, rows }, place),
      ({ eval: one, rows: total, run: created }) =>
        Effect.gen(function* () {
          yield* Console.error(`run      ${created.id}`)
          return { one, total, ended: yield* follow(one.id, created.id, total) }
        }),
      ({ run: created }, exit) => (Exit.hasInterrupts(exit) ? stopRun(created, place) : Effect.void)
    )
    const subject: Summary.Subject = {
      eval: made.one,
      run: made.ended,
      place,
      sent: definition.eval.testing_criteria,
      rows: made.total,
      seconds: ((yield* Clock.currentTimeMillis) - began) / 1000,
      minPassRate: Option.getOrUndefined(input.minPassRate)
    }
    if (yield* (yield* Stdio.Stdio).stderrIsTerminal) yield* Console.error("")
    yield* Summary.print(subject, input.json)
    yield* Summary.conclude(subject)
  })

/** Runs an eval, and sums up what it came to. */
export const command = Command.make("run", flags, (input) =>
  Effect.gen(function* () {
    const data = Option.getOrUndefined(input.data)
    const definition = yield* Definition.read(input.definition, {
      name: Option.getOrUndefined(input.name),
      data: data !== undefined
    })
    for (const warning of definition.warnings) yield* Console.error(`warning: ${warning}`)
    const given = {
      format: Option.getOrUndefined(input.format),
      sampleColumn: Option.getOrUndefined(input.sampleColumn)
    }
    if (data === undefined && (given.format !== undefined || given.sampleColumn !== undefined)) {
      return yield* couldNotRun("--format and --sample-column say how --data is read: name the rows with --data.")
    }
    const rows = data === undefined ? undefined : yield* Rows.open(data, given)
    yield* Place.at(input, "execute", execute(input, definition, rows))
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
