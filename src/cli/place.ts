/**
 * Where a command finds evals and runs: in a file of this machine, or at a host.
 */
import type * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import type * as Eval from "../schema/Eval.ts"
import type { EvalId, OutputItemId, RunId } from "../schema/Ids.ts"
import type * as Flags from "./commands/flags.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** The use of a file: runs are made and executed, unfinished ones are executed, some are canceled, or it is read. */
export type Mode = "execute" | "resume" | "cancel" | "read"

/** Where a command works. */
export interface Place {
  /** The file, where it is one. */
  readonly database: string | undefined
  /** The flags that lead another command to the same place, each with a blank before it. */
  readonly flags: string
  /** Why something did not work there. */
  readonly explain: (error: EvalsError) => Stop
  /** The newest eval there whose definition is this one. */
  readonly evalFrom: (params: Eval.CreateParams) => Effect.Effect<Eval.Eval | undefined, EvalsError, EvalsClient>
  /** The eval of a run, by the run's id alone. */
  readonly evalOf: (runId: RunId) => Effect.Effect<EvalId, Stop | EvalsError>
  /** The run of an output item and its eval, by the item's id alone. */
  readonly runOf: (itemId: OutputItemId) => Effect.Effect<readonly [EvalId, RunId], Stop>
  /** Why a run that has not ended stands still, where nobody works on it and that is known. */
  readonly idle: (runId: RunId) => Effect.Effect<string | undefined>
}

/** What a command does at a place. */
export type Work = (place: Place) => Effect.Effect<void, Stop | EvalsError, EvalsClient | Command.Environment>

// each loads much that the other does without
const inFile = Effect.promise(() => import("./placeInFile.ts"))
const atHost = Effect.promise(() => import("./placeAtHost.ts"))

/** Works at the place that the flags name, with a client of it. */
export const at = (given: Flags.Place, mode: Mode, work: Work): Effect.Effect<void, Stop, Command.Environment> => {
  const { baseUrl } = given
  if (Option.isNone(baseUrl)) return Effect.flatMap(inFile, (place) => place.work(given, mode, work))
  return Option.isSome(given.db)
    ? Effect.fail(couldNotRun("--db and --base-url exclude each other: name a file or a host."))
    : Effect.flatMap(atHost, (place) => place.work(given, baseUrl.value, work))
}
