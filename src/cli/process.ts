/**
 * The command as a process of Node.
 */
import { closeSync, openSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Runtime from "effect/Runtime"
import { packageVersion } from "../schema/packageVersion.ts"
import { unprintable } from "./output.ts"
import { run } from "./program.ts"
import { watchOutput } from "./standardOutput.ts"
import { exitCodes } from "./Stop.ts"
import { Hangup, Termination } from "./Termination.ts"

/** Resumes the command that waits for a request to end. */
let onTermination: (() => void) | undefined

const termination = Effect.callback<void>((resume) => {
  onTermination = () => resume(Effect.void)
  return Effect.sync(() => {
    onTermination = undefined
  })
})

/** Tells the command of a SIGHUP. Set while the command has work to do at one. */
let onHangup: (() => void) | undefined

/** Whether the process has a terminal that it was started from. */
const hasTerminal = (): boolean => {
  try {
    closeSync(openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}

const hangup = (work: Effect.Effect<void>): Effect.Effect<never> =>
  Effect.gen(function* () {
    const signals = yield* Queue.sliding<void>(1)
    const hadTerminal = hasTerminal()
    onHangup = () => {
      // the signal also comes when the terminal was closed: that ends the process as ever
      if (hadTerminal && !hasTerminal()) process.kill(process.pid, "SIGTERM")
      else Queue.offerUnsafe(signals, undefined)
    }
    return yield* Effect.forever(Effect.andThen(Queue.take(signals), work))
  }).pipe(
    Effect.ensuring(
      Effect.sync(() => {
        onHangup = undefined
      })
    )
  )

const codeOf = (exit: Exit.Exit<unknown, unknown>): number => {
  if (Exit.isSuccess(exit)) return Number(exit.value)
  return Cause.hasInterruptsOnly(exit.cause) ? exitCodes.interrupted : exitCodes.couldNotRun
}

const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (signal === "SIGHUP" && onHangup !== undefined && !isStopping) return onHangup()
    // the first signal interrupts the command, which releases its resources; the second ends the process at once
    if (isStopping) process.exit(exitCodes.interrupted)
    isStopping = true
    if (signal !== "SIGINT" && onTermination !== undefined) onTermination()
    else fiber.interruptUnsafe(fiber.id)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop)
  fiber.addObserver((exit) =>
    teardown(exit, (code) => {
      // without a signal the process ends by itself after all output is written
      process.exitCode = code
      if (isStopping) process.exit()
    })
  )
})

/** Runs the command with the arguments of the process, and sets its exit code. */
export const start = (): void => {
  const outputError = watchOutput()

  // output can still fail after the command has ended
  process.on("exit", (code) => {
    const error = outputError()
    if (error === undefined || code === exitCodes.interrupted || code === exitCodes.couldNotRun) return
    process.exitCode = exitCodes.couldNotRun
    console.error(`effect-evals: ${unprintable(error)}`)
  })

  run(process.argv.slice(2), packageVersion).pipe(
    Effect.provideService(Termination, termination),
    Effect.provideService(Hangup, hangup),
    Effect.provide(NodeServices.layer),
    runMain({ teardown: (exit, onExit) => onExit(codeOf(exit)) })
  )
}
