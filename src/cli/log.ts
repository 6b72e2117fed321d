/**
 * What is logged meanwhile: warnings and errors, on standard error.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"
import * as Stdio from "effect/Stdio"
import { clearLine } from "./progressLine.ts"

const words = (message: unknown): string =>
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
        // a line of progress may stand there
        return `${drawn ? clearLine : ""}${logLevel === "Warn" ? "warning" : logLevel.toLowerCase()}: ${words(message)}${why}`
      })
    )
)

/** Warnings and errors go to standard error; `--log-level` lets more through. */
export const layer: Layer.Layer<never, never, Stdio.Stdio> = Layer.merge(
  Logger.layer([logger]),
  Layer.succeed(References.MinimumLogLevel, "Warn")
)
