/**
 * The log of a command, on standard error.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import { clearLine } from "./progressLine.ts"

const formatMessage = (message: unknown): string =>
  (Array.isArray(message) ? message : [message])
    .map((part: unknown) =>
      typeof part === "string" ? part : part instanceof Error ? part.message : JSON.stringify(part)
    )
    .join(" ")

const logger = Effect.map(
  Effect.flatMap(Stdio.Stdio, (stdio) => stdio.stderrIsTerminal),
  (drawn) =>
    Logger.withConsoleError(
      Logger.make<unknown, string>(({ cause, logLevel, message }) => {
        const why = cause.reasons.length === 0 ? "" : `\n${Cause.pretty(cause)}`
        // the progress line may be on the current line
        return `${drawn ? clearLine : ""}${logLevel === "Warn" ? "warning" : logLevel.toLowerCase()}: ${formatMessage(message)}${why}`
      })
    )
)

/** Logs warnings and errors to standard error. `--log-level` shows more. */
export const layer: Layer.Layer<never, never, Stdio.Stdio> = Layer.merge(
  Logger.layer([logger]),
  Layer.succeed(References.MinimumLogLevel, "Warn")
)
