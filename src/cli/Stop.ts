/**
 * How a command ends when it has not done what it was asked for.
 */
import * as Data from "effect/Data"

/** The exit codes of all commands, beside 0 for done. */
export const exitCodes = {
  /** It ran, and fewer items passed than were asked for. */
  gateNotMet: 1,
  /** The command could not run at all. */
  couldNotRun: 2,
  /** It ran, and something is missing. */
  incomplete: 3,
  /** Somebody stopped it. */
  interrupted: 130
} as const

/** Ends a command with an exit code. The message, where there is one, goes to standard error. */
export class Stop extends Data.TaggedError("Stop")<{
  readonly code: (typeof exitCodes)[keyof typeof exitCodes]
  readonly message: string
}> {}

/** Fewer items passed than were asked for. */
export const gateNotMet = (message: string): Stop => new Stop({ code: exitCodes.gateNotMet, message })

/** The command could not run: says why, and what to do. */
export const couldNotRun = (message: string): Stop => new Stop({ code: exitCodes.couldNotRun, message })

/** The command ran, and not everything is there: says what is missing. */
export const unfinished = (message: string): Stop => new Stop({ code: exitCodes.incomplete, message })

/** The command ran, and something is missing: the report has said what. */
export const incomplete = unfinished("")
