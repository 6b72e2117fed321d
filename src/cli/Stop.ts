/**
 * The end of a command that did not succeed.
 */
import * as Data from "effect/Data"

/** The exit codes of all commands. Success is 0. */
export const exitCodes = {
  /** The run is completed, and too few items passed. */
  gateNotMet: 1,
  /** The command could not run. */
  couldNotRun: 2,
  /** The result is incomplete. */
  incomplete: 3,
  /** A signal interrupted the command. */
  interrupted: 130
} as const

/** Ends a command with an exit code. The message is printed on standard error; an empty one is not printed. */
export class Stop extends Data.TaggedError("Stop")<{
  readonly code: (typeof exitCodes)[keyof typeof exitCodes]
  readonly message: string
}> {}

/** Makes the error for a run of which too few items passed. */
export const gateNotMet = (message: string): Stop => new Stop({ code: exitCodes.gateNotMet, message })

/** Makes the error for a command that could not run. The message says why, and what to do. */
export const couldNotRun = (message: string): Stop => new Stop({ code: exitCodes.couldNotRun, message })

/** Makes the error for an incomplete result. The message says what is missing. */
export const unfinished = (message: string): Stop => new Stop({ code: exitCodes.incomplete, message })

/** The error for an incomplete result whose report was printed. */
export const incomplete = unfinished("")
