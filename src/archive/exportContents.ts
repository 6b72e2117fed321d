/**
 * Exports the contents of the files of a project.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { ExportError } from "./ExportError.ts"
import { forEachContent } from "./forEachContent.ts"
import type { ProjectFiles } from "./ProjectFiles.ts"
import { differs } from "./Verify.ts"

/** Writes each content to the file that the index names. */
export const exportContents = (
  files: ProjectFiles
): Effect.Effect<void, SqlError | ExportError, SqlClient.SqlClient | FileSystem.FileSystem | Path.Path | Scope.Scope> =>
  forEachContent(files.project.project, {
    start: ({ content_sha256, id }) => files.open(files.contentPathOf(id) ?? `files/${content_sha256}`),
    piece: (output, bytes) => output.write(bytes),
    end: (output, { content_sha256, id }) =>
      Effect.map(files.finish(output), (written) => {
        files.counts.contents++
        if (written.sha256 !== content_sha256) files.problem({ kind: "files", id, message: differs("content") })
      })
  })
