import type { PlatformError } from "effect/PlatformError"
import * as Schema from "effect/Schema"
import { systemReason } from "../store/systemReason.ts"

/**
 * The export cannot start or cannot be written. `message` says what to do.
 *
 * @category errors
 * @since 0.1.0
 */
export class ExportError extends Schema.TaggedError<ExportError>("effect-evals/ExportError")("ExportError", {
  reason: Schema.Literals(["NotEmpty", "Exists", "NoProject", "NoRun", "SeveralProjects", "NotWritten"]),
  message: Schema.String
}) {}

/**
 * Maps an error of the file system to an `ExportError` with the path.
 *
 * @internal
 */
export const notWritten =
  (path: string) =>
  (error: PlatformError): ExportError =>
    new ExportError({ reason: "NotWritten", message: `${path} cannot be written: ${systemReason(error)}` })
