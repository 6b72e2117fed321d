import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { systemReason } from "../store/systemReason.ts"

/**
 * An export that cannot begin or cannot be written: `reason` says why, `message`
 * what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class ExportError extends Schema.TaggedError<ExportError>("effect-evals/ExportError")("ExportError", {
  reason: Schema.Literals(["NotEmpty", "Exists", "NoProject", "NoRun", "SeveralProjects", "NotWritten"]),
  message: Schema.String
}) {}

/**
 * Names the file that an error of the file system is about.
 *
 * @internal
 */
export const notWritten =
  (path: string) =>
  (error: PlatformError): ExportError =>
    new ExportError({ reason: "NotWritten", message: `${path} cannot be written: ${systemReason(error)}` })
