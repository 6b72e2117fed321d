/**
 * The target of a command: a file of this machine, or a host.
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

/** The use of a file: runs are created and executed, a run is retried, runs are canceled, or the file is read. */
export type Mode = "execute" | "retry" | "cancel" | "read"

/** A file or a host, and the lookups that differ between them. */
export interface Target {
  /** The file. Undefined if the target is a host. */
  readonly database: string | undefined
  /** The flags that name this target, each with a blank before it. */
  readonly flags: string
  /** Converts an error of a request to the target. */
  readonly explain: (error: EvalsError) => Stop
  /** Finds the newest eval with the same definition. */
  readonly evalFrom: (params: Eval.CreateParams) => Effect.Effect<Eval.Eval | undefined, EvalsError, EvalsClient>
  /** Finds the eval of a run. */
  readonly evalOf: (runId: RunId) => Effect.Effect<EvalId, Stop | EvalsError>
  /** Finds the eval and the run of an output item. */
  readonly runOf: (itemId: OutputItemId) => Effect.Effect<readonly [EvalId, RunId], Stop>
  /** Says why an unfinished run does not progress. Undefined if it may progress. */
  readonly stalled: (runId: RunId) => Effect.Effect<string | undefined>
}

/** The flags that name a target, and those of the engine over a file. */
export interface Given extends Flags.Target {
  /** Whether answers of models are kept. Default false. */
  readonly cache?: boolean
}

/** The work of a command at its target. */
export type Work = (target: Target) => Effect.Effect<void, Stop | EvalsError, EvalsClient | Command.Environment>

// a command loads only the modules of its own kind of target
const inFile = Effect.promise(() => import("./targetInFile.ts"))
const atHost = Effect.promise(() => import("./targetAtHost.ts"))

/** Does the work at the target that the flags name, with a client of the target. */
export const at = (given: Given, mode: Mode, work: Work): Effect.Effect<void, Stop, Command.Environment> => {
  const { baseUrl } = given
  if (Option.isNone(baseUrl)) return Effect.flatMap(inFile, (target) => target.work(given, mode, work))
  return Option.isSome(given.db)
    ? Effect.fail(couldNotRun("--db and --base-url cannot be combined: name a file or a host."))
    : Effect.flatMap(atHost, (target) => target.work(given, baseUrl.value, work))
}
