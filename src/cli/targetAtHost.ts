/**
 * A host as the target of a command.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as EvalsClient from "../EvalsClient.ts"
import { listEvalsPage } from "../Evals.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as Flags from "./commands/flags.ts"
import { findEvalOfRun } from "./findEval.ts"
import * as Host from "./host.ts"
import type { Work } from "./target.ts"
import { quotedFlags } from "./quotedFlags.ts"
import { couldNotRun } from "./Stop.ts"

/** The number of evals of a host that are compared with a definition. */
const compared = 100

const amongNewest = (params: Eval.CreateParams) =>
  Effect.gen(function* () {
    const { isMadeFrom } = yield* Effect.promise(() => import("./servedDefinition.ts"))
    const { data } = yield* listEvalsPage({ order: "desc", limit: compared })
    return data.find((one) => isMadeFrom(one, params))
  })

/** Does the work at a host. */
export const work = Effect.fnUntraced(function* (given: Flags.Target, baseUrl: string, work: Work) {
  const host = yield* Host.fromEnvironment({ baseUrl, project: Option.getOrUndefined(given.project) })
  const explain = Host.explain(host.origin)
  yield* Effect.flatMap(EvalsClient.EvalsClient, (client) =>
    work({
      database: undefined,
      flags: quotedFlags(given),
      explain,
      evalFrom: amongNewest,
      evalOf: (runId) => Effect.provideService(findEvalOfRun(runId, host.origin), EvalsClient.EvalsClient, client),
      runOf: () => Effect.fail(couldNotRun("A host finds an item only within its run: name the run with --run.")),
      stalled: () => Effect.succeed(undefined)
    })
  ).pipe(
    Effect.provide(host.layer),
    Effect.mapError((error) => (error._tag === "Stop" ? error : explain(error)))
  )
})
