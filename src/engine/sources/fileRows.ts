/**
 * Rows of a stored file (`file_id`).
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Files from "../../store/Files.ts"
import { fileKind } from "../rows/FileKind.ts"
import * as Lines from "../rows/Lines.ts"
import { invalid, notFound, type Rejection } from "../texts/Rejection.ts"
import { linesAtOnce, type OpenRows } from "./OpenRows.ts"

const param = "data_source.source.id"

const noFile = (id: string): Rejection => {
  const { code, message } = notFound("file", id)
  return invalid(`${param}: ${message}`, param, code)
}

/** Opens the rows of a file that has not expired at `now`, in Unix seconds. */
export const fileRows = Effect.fnUntraced(function* (
  project: number,
  id: string,
  now: number
): Effect.fn.Return<OpenRows, Rejection | SqlError, SqlClient.SqlClient> {
  // read before the file is looked for: a deletion removes the file first and its pieces later, so the size is whole
  const size = yield* Files.size(project, id)
  const file = yield* Files.find(project, id, now)
  if (file === undefined) return yield* noFile(id)
  if (file.contentSha256 === null) {
    return yield* invalid(
      `${param}: the archive knows of ${id}, but does not hold its content; upload the file anew`,
      param
    )
  }
  return {
    batches: Stream.catchTags(
      Lines.read({ project, fileId: id, size, from: { byte: 0, line: 1 }, linesAtOnce: () => linesAtOnce }),
      {
        Gone: () => Stream.fail(noFile(id)),
        TooLong: ({ message }) => Stream.fail(invalid(message, param, "invalid_row"))
      }
    ),
    param,
    place: ({ index, line, path }) =>
      `line ${line} of ${id} (row ${index}, counted from 0)${path === "" ? "" : `, ${path}`}`,
    lineOf: (line) => `line ${line} of ${id}`,
    wrongKind: (head) => {
      const kind = fileKind(head)
      return kind === undefined ? "" : `; the file ${kind.description}`
    },
    whyEmpty: `: ${id} is empty, or each of its lines is blank`,
    still: Effect.flatMap(Files.findAny(project, id), (found) =>
      found === undefined ? Effect.fail(noFile(id)) : Effect.void
    )
  }
})
