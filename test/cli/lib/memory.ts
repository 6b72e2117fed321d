/** Runs the command in this process, and keeps what it prints. */
import { NodeServices } from "@effect/platform-node"
import { ConfigProvider, Console, Effect, Layer, Sink, Stdio, Stream, Terminal } from "effect"
import { run } from "../../../src/cli/program.ts"

/** What a command printed, and how it ended. */
export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Where a command runs. */
export interface Setting {
  readonly env?: Readonly<Record<string, string>>
  /** What is piped into it. */
  readonly stdin?: string
  /** The width of the terminal that both outputs are, where they are one. */
  readonly columns?: number
}

/** Output that is kept, and looked at while it grows. */
export const screen = ({ columns, env = {}, stdin = "" }: Setting = {}) => {
  const printed = { stdout: "", stderr: "" }
  const sink = (name: "stdout" | "stderr") => () =>
    Sink.forEach((text: string | Uint8Array) =>
      Effect.sync(() => {
        printed[name] += typeof text === "string" ? text : new TextDecoder().decode(text)
      })
    )
  const unused = Effect.die("not used")
  const layer = Layer.mergeAll(
    NodeServices.layer,
    Stdio.layerTest({
      stdin: Stream.make(new TextEncoder().encode(stdin)),
      stdout: sink("stdout"),
      stderr: sink("stderr"),
      stdoutIsTerminal: Effect.succeed(columns !== undefined),
      stderrIsTerminal: Effect.succeed(columns !== undefined)
    }),
    Layer.succeed(
      Terminal.Terminal,
      Terminal.make({
        columns: Effect.succeed(columns ?? 0),
        rows: Effect.succeed(24),
        size: unused,
        readInput: unused,
        readLine: unused,
        display: () => Effect.void
      })
    ),
    Layer.succeed(Console.Console, {
      ...globalThis.console,
      log: (...parts: ReadonlyArray<unknown>) => void (printed.stdout += `${parts.join(" ")}\n`),
      error: (...parts: ReadonlyArray<unknown>) => void (printed.stderr += `${parts.join(" ")}\n`)
    }),
    ConfigProvider.layer(ConfigProvider.fromEnv({ env: { ...env } }))
  )
  return { layer, printed }
}

/** Runs the command to its end. */
export const command = (args: ReadonlyArray<string>, setting: Setting = {}): Effect.Effect<Ended> =>
  Effect.suspend(() => {
    const { layer, printed } = screen(setting)
    return Effect.map(Effect.provide(run(args, "0.0.0"), layer), (code) => ({ code, ...printed }))
  })

/** A text with ids and times made alike. */
export const alike = (text: string): string =>
  text
    .replaceAll(/\b(eval|evalrun|outputitem)_[0-9a-f]{32}\b/g, "$1_…")
    .replaceAll(/\bfile-[0-9a-f]{32}\b/g, "file-…")
    .replaceAll(/ in \d+(?:\.\d)? s$/gm, " in … s")
