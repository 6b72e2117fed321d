/**
 * States of a watched run, and the transitions between them. Transitions are pure: `watch.ts` has the requests, the
 * waits and the log.
 *
 * | State    | Source of the next change                    | Next states                      |
 * | -------- | -------------------------------------------- | -------------------------------- |
 * | `Polled` | requests, by the polling schedule            | `Polled`, `Told`, `Over`         |
 * | `Told`   | server-sent events of the host               | `Told`, `Polled`, `Deaf`, `Over` |
 * | `Deaf`   | requests only, since the events have failed  | `Deaf`, `Over`                   |
 * | `Over`   | none: the run or the schedule has ended      |                                  |
 *
 * @internal
 */
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import type { EvalsError } from "../EvalsError.ts"
import type { Observation } from "../Polling.ts"
import * as Run from "../schema/Run.ts"
import type * as Events from "./events.ts"

/** The host is asked for the run by a schedule. */
export interface Polled {
  /** `Deaf` once events have failed: a gateway may refuse their path alone, or hold them back. */
  readonly _tag: "Polled" | "Deaf"
  /** The last version of the run. Undefined before the first answer. */
  readonly run?: Run.Run
  /** The schedule's next input. Undefined before the first request, which is sent at once. */
  readonly seen?: Observation
  /** Whether the last request failed. Only the first of several failures in a row is logged. */
  readonly failing?: boolean
}

/** The host sends the run at each change. */
export interface Told {
  readonly _tag: "Told"
  /** The last version of the run. */
  readonly run: Run.Run
  /** The open connection. Undefined before it is opened. */
  readonly events?: Events.Runs
}

/** The run or the schedule has ended. */
export interface Over {
  readonly _tag: "Over"
}

/** The state of a watched run. */
export type State = Polled | Told | Over

/** The changed runs that a transition found, oldest first, and the state after it. */
export type Step = readonly [changes: ReadonlyArray<Run.Run>, next: State]

/** The state before the first request. */
export const initial: Polled = { _tag: "Polled" }

const over: Over = { _tag: "Over" }

// inline rows belong to the request and never change: comparing them would take most of the time
const changed = (before: Run.Run, after: Run.Run): boolean =>
  Result.getOrElse(
    Result.try(() => !Equal.equals({ ...before, data_source: undefined }, { ...after, data_source: undefined })),
    // unknown fields may be nested deeper than the stack reaches
    () => true
  )

/** Returns the step after a request that brought the run. `announced`: its answer announces events of the run. */
export const answered = (state: Polled, run: Run.Run, announced: boolean): Step => [
  state.run === undefined || changed(state.run, run) ? [run] : [],
  Run.isTerminal(run.status)
    ? over
    : announced && state._tag === "Polled"
      ? { _tag: "Told", run }
      : { _tag: state._tag, run, seen: run }
]

/** Returns the step after a request that failed with an error that may pass. */
export const failed = (state: Polled, error: EvalsError): Step => [[], { ...state, seen: error, failing: true }]

/** The step after the end of the schedule. */
export const ended: Step = [[], over]

/** Returns the step after events with runs, oldest first. Events leave out the rows of the run's own request. */
export const received = (state: Told, runs: ReadonlyArray<Run.Run>): Step => {
  const changes: Array<Run.Run> = []
  let last = state.run
  for (const run of runs) {
    const { data_source } = last
    const next = data_source === undefined ? run : { ...run, data_source }
    if (changed(last, next)) changes.push(next)
    if (Run.isTerminal(next.status)) return [changes, over]
    last = next
  }
  return [changes, { ...state, run: last }]
}

/** Returns the step after the end of the events. */
export const stopped = ({ run }: Told): Step => [[], { _tag: "Polled", run, seen: run }]

/**
 * Returns the step after events that were refused, broke off with an error, or were silent for too long. `retryable`:
 * the error is the schedule's next input, and its `retry-after` is kept.
 */
export const refused = ({ run }: Told, error: EvalsError, retryable: boolean): Step => [
  [],
  { _tag: "Deaf", run, seen: retryable ? error : run }
]
