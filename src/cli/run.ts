/**
 * `effect-evals run`
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import { askedModels } from "./askedModels.ts"
import { ceilingHeaders } from "./ceilings.ts"
import type { Input } from "./commands/run.ts"
import * as Definition from "./definition.ts"
import { followRun } from "./followRun.ts"
import { makeRun } from "./makeRun.ts"
import * as ModelsInUse from "./models.ts"
import * as Target from "./target.ts"
import * as Rows from "./rows.ts"
import { missingSamples, prepared } from "./rowSamples.ts"
import { couldNotRun } from "./Stop.ts"
import { stopRun } from "./stopRun.ts"
import * as Summary from "./summary.ts"
import { plain } from "../report/plainText.ts"

const execute = (input: Input, definition: Definition.Definition, rows: Rows.Rows | undefined) =>
  Effect.fnUntraced(function* (target: Target.Target) {
    // a host has models of its own
    const { note, run } =
      target.database === undefined ? { run: definition.run, note: undefined } : yield* prepared(definition.run, rows)
    if (target.database !== undefined) yield* Console.error(`database ${target.database}`)
    if (note !== undefined) yield* Console.error(`note     ${note}`)
    const missing = missingSamples(definition.eval.testing_criteria, run, rows)
    if (missing !== undefined) yield* Console.error(`warning: ${plain(missing)}`)
    const began = yield* Clock.currentTimeMillis
    const made = yield* Effect.acquireUseRelease(
      makeRun({ eval: definition.eval, headers: ceilingHeaders(input), isNew: input.isNew, run, rows }, target),
      ({ before, eval: one, rows: total, run: created, warnings }) =>
        Effect.gen(function* () {
          for (const warning of warnings) yield* Console.error(`warning: ${plain(warning)}`)
          yield* Console.error(`run      ${created.id}`)
          return { before, one, total, warnings, ended: yield* followRun(one.id, created.id, total) }
        }),
      ({ run: created }, exit) => (Exit.hasInterrupts(exit) ? stopRun(created, target) : Effect.void)
    )
    const subject: Summary.Subject = {
      eval: made.one,
      run: made.ended,
      before: made.before,
      target,
      sent: definition.eval.testing_criteria,
      rows: made.total,
      seconds: ((yield* Clock.currentTimeMillis) - began) / 1000,
      minPassRate: Option.getOrUndefined(input.minPassRate),
      warnings: made.warnings
    }
    if (yield* (yield* Stdio.Stdio).stderrIsTerminal) yield* Console.error("")
    yield* Summary.conclude(yield* Summary.print(subject, input.json))
  })

/** Creates a run, follows it, and prints its report. */
export const handler = (input: Input) =>
  Effect.gen(function* () {
    const data = Option.getOrUndefined(input.data)
    const definition = yield* Definition.read(input.definition, {
      name: Option.getOrUndefined(input.name),
      data: data !== undefined
    })
    for (const warning of definition.warnings) yield* Console.error(`warning: ${warning}`)
    if (Option.isSome(input.minPassRate) && definition.eval.testing_criteria.length === 0) {
      return yield* couldNotRun(
        `--min-pass-rate has no effect: eval.testing_criteria of ${input.definition} is empty, so that every item passes. ` +
          "Add a criterion, or leave --min-pass-rate out."
      )
    }
    const given = {
      format: Option.getOrUndefined(input.format),
      sampleColumn: Option.getOrUndefined(input.sampleColumn)
    }
    if (data === undefined && (given.format !== undefined || given.sampleColumn !== undefined)) {
      return yield* couldNotRun("--format and --sample-column say how --data is read: name the rows with --data.")
    }
    const rows = data === undefined ? undefined : yield* Rows.open(data, given)
    if (input.dryRun) {
      if (Option.isSome(input.baseUrl)) {
        return yield* couldNotRun("--dry-run and --base-url cannot be combined: a host creates what it checks.")
      }
      const { dryRun } = yield* Effect.promise(() => import("./dryRun.ts"))
      return yield* dryRun(input, definition, rows)
    }
    const work = Target.at(input, "execute", execute(input, definition, rows))
    if (Option.isSome(input.baseUrl)) {
      return yield* Option.isSome(input.models)
        ? couldNotRun("--models and --base-url cannot be combined: a host asks models of its own.")
        : input.cache || Object.keys(ceilingHeaders(input)).length > 0
          ? couldNotRun(
              "A host may know no --cache, --max-tokens, --max-requests and --max-cost: leave them out with --base-url."
            )
          : work
    }
    const asks = askedModels(definition).length > 0
    const models = yield* ModelsInUse.open({ file: input.models, asks })
    if (!input.json && (asks || Option.isSome(input.models))) yield* ModelsInUse.announce(models)
    yield* ModelsInUse.provide(models)(work)
  }).pipe(Effect.scoped)
