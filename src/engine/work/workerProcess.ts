/**
 * Starts the process of a worker.
 *
 * @internal
 */
import { type ChildProcess, fork } from "node:child_process"
import { workerProgram } from "./workerProgram.ts"

/** The environment variable that marks a worker process. */
const mark = "EFFECT_EVALS_WORKER"

/** The environment variables without which a process does not start. No others are passed on, so a worker sees no secrets. */
const environment = (): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(
    ["PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    })
  ),
  [mark]: "1"
})

/** Options of a worker process. */
export interface Options {
  /** The memory of its heap, in MiB. */
  readonly memoryMiB: number
  /** The program file. By default it is found in this package. */
  readonly program?: string | URL | undefined
}

/** Returns the path of the program. Throws if there is none. */
const programOf = ({ program }: Options): string => {
  // an application that is named as its own worker would start itself without end
  if (process.env[mark] !== undefined) {
    throw new Error(`this process is a worker itself. Name the file that was bundled from "effect-evals/worker".`)
  }
  return workerProgram(program)
}

/** Starts a process. Throws if the operating system refuses it. */
export const forkWorker = (options: Options): { readonly child: ChildProcess; readonly program: string } => {
  const program = programOf(options)
  const child = fork(program, [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    // a small young generation, so that the memory of judged rows is freed early
    execArgv: [`--max-old-space-size=${options.memoryMiB}`, "--max-semi-space-size=8"],
    env: environment()
  })
  return { child, program }
}
