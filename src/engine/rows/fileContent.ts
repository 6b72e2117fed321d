/**
 * The content of a stored file, as it is served.
 *
 * @internal
 */
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Files from "../../store/Files.ts"
import { Gone } from "./Lines.ts"

/**
 * Reads a whole file. `size` is its size in bytes ({@link Files.size}). Fails with `Gone` if the file is deleted during the
 * reading, so that no reader takes a part for the whole.
 */
export const whole = (
  project: number,
  fileId: string,
  size: number
): Stream.Stream<Uint8Array, SqlError | Gone, SqlClient.SqlClient> =>
  Stream.suspend(() => {
    let left = size
    return Files.content(project, fileId).pipe(
      Stream.map((piece) => {
        left -= piece.length
        return piece
      }),
      Stream.concat(Stream.suspend(() => (left === 0 ? Stream.empty : Stream.fail(new Gone({ fileId })))))
    )
  })
