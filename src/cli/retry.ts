/**
 * `effect-evals retry`
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Stdio from "effect/Stdio"
import { retrieveEval } from "../Evals.ts"
import { EvalsClient } from "../EvalsClient.ts"
import { retryRun } from "../internal/requests/retryRun.ts"
import { ceilingHeaders } from "./ceilings.ts"
import type { Input } from "./commands/retry.ts"
import { followRun } from "./followRun.ts"
import { runAt } from "./idKind.ts"
import * as ModelsInUse from "./models.ts"
import { couldNotRun } from "./Stop.ts"
import { stopRun } from "./stopRun.ts"
import * as Summary from "./summary.ts"
import * as Target from "./target.ts"

const execute = (input: Input) =>
  Effect.fnUntraced(function* (target: Target.Target) {
    const [found, id] = yield* runAt(target, input)
    const one = yield* retrieveEval(found)
    if (target.database !== undefined) yield* Console.error(`database ${target.database}`)
    const began = yield* Clock.currentTimeMillis
    const run = yield* Effect.acquireUseRelease(
      EvalsClient.use((client) => client.send(retryRun(found, id), { headers: ceilingHeaders(input) })),
      () => Effect.andThen(Console.error(`run      ${id}`), followRun(found, id, undefined)),
      (retried, exit) => (Exit.hasInterrupts(exit) ? stopRun(retried, target) : Effect.void)
    )
    const subject: Summary.Subject = {
      eval: one,
      run,
      target,
      seconds: ((yield* Clock.currentTimeMillis) - began) / 1000,
      minPassRate: Option.getOrUndefined(input.minPassRate)
    }
    if (yield* (yield* Stdio.Stdio).stderrIsTerminal) yield* Console.error("")
    yield* Summary.conclude(yield* Summary.print(subject, input.json))
  })

/** Continues a run that has ended, follows it, and prints its report. */
export const handler = (input: Input) =>
  Effect.gen(function* () {
    const work = Target.at(input, "retry", execute(input))
    if (Option.isSome(input.baseUrl)) {
      return yield* Option.isSome(input.models) || input.cache
        ? couldNotRun("--models and --cache cannot be combined with --base-url: a host asks models of its own.")
        : work
    }
    const models = yield* ModelsInUse.open({ file: input.models, asks: true })
    if (!input.json) yield* ModelsInUse.announce(models)
    yield* ModelsInUse.provide(models)(work)
  }).pipe(Effect.scoped)
