/**
 * Reads the contents of files from the database of an archive.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"

/** A file with saved content. */
export interface ContentFile {
  readonly id: string
  /** The hash of the content as it was received. */
  readonly content_sha256: string
}

interface PieceRow extends ContentFile {
  readonly content: Uint8Array
}

/** The steps of reading one content. `S` is the state between them. */
export interface ContentReader<S, E, R> {
  /** Called before the first piece. */
  readonly start: (file: ContentFile) => Effect.Effect<S, E, R>
  /** Called for each piece in order; once with no bytes for an empty content. */
  readonly piece: (state: S, bytes: Uint8Array) => Effect.Effect<void, E, R>
  /** Called after the last piece. */
  readonly end: (state: S, file: ContentFile) => Effect.Effect<void, E, R>
}

/** Reads the saved contents of a project file by file, in memory of a few pieces. */
export const forEachContent = <S, E, R>(
  project: number,
  { end, piece, start }: ContentReader<S, E, R>
): Effect.Effect<void, E | SqlError, R | SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    // an empty content has no piece in the database
    const rows = sql<PieceRow>`
      SELECT files.id AS id, content_sha256, coalesce(content, x'') AS content
      FROM files LEFT JOIN file_pieces ON file_pieces.project = files.project AND file_id = files.id
      WHERE files.project = ${project} AND content_sha256 IS NOT NULL ORDER BY files.id, piece`
    let current: { readonly file: ContentFile; readonly state: S } | undefined
    const finish = Effect.suspend(() => {
      if (current === undefined) return Effect.void
      const { file, state } = current
      current = undefined
      return end(state, file)
    })
    yield* Stream.runForEach(rows.stream, (row) =>
      Effect.gen(function* () {
        if (current?.file.id !== row.id) {
          yield* finish
          const file = { id: row.id, content_sha256: row.content_sha256 }
          current = { file, state: yield* start(file) }
        }
        yield* piece(current.state, row.content)
      })
    )
    yield* finish
  })
