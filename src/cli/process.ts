/**
 * The command as a process: its verbs over Node's services.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { packageVersion } from "../schema/packageVersion.ts"
import { run } from "./program.ts"
import { exitCodes } from "./Stop.ts"

/** Runs the command with the arguments of this process, and ends the process with its exit code. */
export const start = (): void => {
  // a reader such as `head` may leave: there is nobody to tell, and the work goes on
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {})

  // the first stops it in good order, which may take a while; who asks again does not want to wait
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => process.on(signal, () => process.exit(exitCodes.interrupted)))
  }

  run(process.argv.slice(2), packageVersion).pipe(Effect.provide(NodeServices.layer), (program) =>
    NodeRuntime.runMain(program, {
      teardown: (exit, onExit) => {
        const code = Exit.isSuccess(exit)
          ? Number(exit.value)
          : Cause.hasInterruptsOnly(exit.cause)
            ? exitCodes.interrupted
            : exitCodes.couldNotRun
        // the process ends by itself, when all that was printed has left it
        process.exitCode = code
        onExit(code === exitCodes.interrupted ? code : 0)
      }
    })
  )
}
