/**
 * The kind of object of an id, by its prefix.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EvalsError } from "../EvalsError.ts"
import { EvalId, RunId } from "../schema/Ids.ts"
import type { Target } from "./target.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { plain } from "../report/plainText.ts"

interface Kind {
  readonly prefix: string
  readonly name: string
  /** Returns the command that shows an object of the kind. */
  readonly shownBy: string
}

const kinds: ReadonlyArray<Kind> = [
  { prefix: "evalrun_", name: "a run", shownBy: "show" },
  { prefix: "eval_", name: "an eval", shownBy: "list" },
  { prefix: "outputitem_", name: "an output item", shownBy: "show" },
  { prefix: "file-", name: "a file", shownBy: "show" }
]

/** Fails if an id has the prefix of another kind. An unknown prefix is accepted: a host may have ids of its own form. */
const check = (id: string, wanted: string, from: string): Effect.Effect<void, Stop> => {
  const found = kinds.find(({ prefix }) => id.startsWith(prefix))
  if (found === undefined || found.name === wanted) return Effect.void
  return Effect.fail(
    couldNotRun(
      `${plain(id)} is the id of ${found.name}, but ${wanted} is needed. ` +
        (found.name === "an eval" && wanted === "a run"
          ? `effect-evals list ${plain(id)}${from} shows its runs.`
          : `effect-evals ${found.shownBy} ${plain(id)}${from} shows ${found.name}.`)
    )
  )
}

/** Returns the id of a run. Fails if it is the id of another kind. `from` are the flags of the target. */
export const runIdOf = (id: string, from: string): Effect.Effect<RunId, Stop> =>
  Effect.as(check(id, "a run", from), RunId.make(id))

/** Returns the id of an eval. Fails if it is the id of another kind. `from` are the flags of the target. */
export const evalIdOf = (id: string, from: string): Effect.Effect<EvalId, Stop> =>
  Effect.as(check(id, "an eval", from), EvalId.make(id))

/** Returns the ids of a run and of its eval. The eval is searched if it is not given. */
export const runAt = (
  target: Target,
  given: { readonly runId: string; readonly evalId: Option.Option<string> }
): Effect.Effect<readonly [EvalId, RunId], Stop | EvalsError> =>
  Effect.gen(function* () {
    const run = yield* runIdOf(given.runId, target.flags)
    const one = Option.isSome(given.evalId) ? evalIdOf(given.evalId.value, target.flags) : target.evalOf(run)
    return [yield* one, run] as const
  })
