/**
 * Reads files: the files that the host lists with purpose `evals`, and the files that runs refer to.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import { DecodeError, EvalsError } from "../EvalsError.ts"
import { downloadFile } from "../Files.ts"
import * as Raw from "../Raw.ts"
import { integerAt, stringAt } from "../schema/fields.ts"
import { FileId } from "../schema/Ids.ts"
import * as StoredFiles from "../store/Files.ts"
import type { Sql } from "../store/Sql.ts"
import type { ArchiveJob } from "./ArchiveJob.ts"
import * as hostLists from "./hostLists.ts"
import { forEachHostPage, type Page } from "./HostPages.ts"
import type { Needs } from "./ReadTasks.ts"
import * as State from "./State.ts"

interface Saved {
  /** The size that the host states, in bytes. 0 if it states none. */
  readonly stated: number
  /** The hash of the content. Null while the content is not saved. */
  readonly hash: string | null
  /** The size of the saved content, in bytes. */
  readonly size: number
}

const isWhole = ({ size, stated }: Pick<Saved, "size" | "stated">): boolean => stated === 0 || stated === size

const savedFile = (project: number, id: string): Sql<Saved | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<Saved>`
      SELECT coalesce(bytes, 0) AS stated, content_sha256 AS hash,
        (SELECT coalesce(sum(length(content)), 0) FROM file_pieces p WHERE p.project = files.project AND p.file_id = id) AS size
      FROM files WHERE project = ${project} AND id = ${id}`
    return rows[0]
  })

const wrongSize = (id: string, stated: number, size: number): EvalsError =>
  new EvalsError({
    method: "downloadFile",
    reason: new DecodeError({
      detail: `the host says that file ${id} has ${stated} bytes, and sent ${size}; they are kept`,
      status: 200,
      body: ""
    })
  })

// A download always cuts its pieces at the same offsets. Pieces of an interrupted download, or of another process, are
// replaced by equal ones.
const download = (
  job: Pick<ArchiveJob, "project" | "progress">,
  id: string
): Effect.Effect<number, EvalsError | SqlError, Needs> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const { progress, project } = job
    const content = Stream.tap(downloadFile(FileId.make(id)), (bytes) => {
      progress.received(bytes.length)
      return progress.report
    })
    const { bytes, contentSha256 } = yield* StoredFiles.write(project, id, content)
    const pieces = Math.ceil(bytes / StoredFiles.pieceSize)
    yield* sql.withTransaction(
      Effect.andThen(
        sql`DELETE FROM file_pieces WHERE project = ${project} AND file_id = ${id} AND piece >= ${pieces}`,
        sql`UPDATE files SET content_sha256 = ${contentSha256} WHERE project = ${project} AND id = ${id}`
      )
    )
    return bytes
  })

const columns = (value: unknown) => ({
  filename: stringAt(value, "filename"),
  purpose: stringAt(value, "purpose"),
  bytes: integerAt(value, ["bytes"], 0)
})

const storePage = (job: Pick<ArchiveJob, "project" | "saved" | "progress">, page: Page<ReturnType<typeof columns>>) =>
  Effect.gen(function* () {
    yield* job.saved.save(
      "files",
      page,
      (fields) => fields,
      (now) => State.expectContents(job.project, now)
    )
    job.progress.files.total += page.data.length
  })

const readContent = (
  job: Pick<ArchiveJob, "project" | "requests" | "progress">,
  id: string
): Effect.Effect<void, EvalsError | SqlError, Needs> =>
  Effect.gen(function* () {
    const saved = yield* savedFile(job.project, id)
    if (saved?.hash === null || !isWhole(saved ?? { size: 0, stated: 0 })) {
      // a download that breaks off starts again from the first byte
      const size = yield* Effect.retry(job.requests.run(download(job, id)), {
        schedule: Schedule.exponential("1 second").pipe(Schedule.upTo({ times: 2 })),
        while: (error) => error._tag === "EvalsError" && error.isRetryable
      })
      const stated = saved?.stated ?? 0
      if (!isWhole({ size, stated })) return yield* wrongSize(id, stated, size)
    }
    job.progress.files.done++
    yield* job.progress.report
  })

/** Reads all files with purpose `evals`. */
export const readListed = (job: ArchiveJob): Effect.Effect<void, SqlError, Needs> =>
  job.tasks.run(
    "files",
    "*",
    forEachHostPage(
      job.pages,
      hostLists.files,
      columns,
      (page) =>
        Effect.andThen(
          storePage(job, page),
          Effect.forEach(page.data, ({ id }) => job.tasks.run("files", id, readContent(job, id)), {
            concurrency: job.concurrency,
            discard: true
          })
        ),
      { largest: hostLists.filesPageSize }
    )
  )

/** Reads the files that stored runs refer to and that are not saved yet. */
export const readReferred = (job: ArchiveJob): Effect.Effect<void, SqlError, Needs> =>
  Effect.flatMap(State.unlistedFiles(job.project), (ids) =>
    Effect.forEach(
      ids.filter((id) => !job.tasks.isSetAside("files", id)),
      (id) =>
        job.tasks.run(
          "files",
          id,
          Effect.gen(function* () {
            const request = job.pages.request(Raw.single(Raw.retrieveFile(FileId.make(id))), columns)
            const known = yield* savedFile(job.project, id)
            const page = yield* known === undefined
              ? // deleted or expired before the archive
                Effect.catchReason(request, "EvalsError", "NotFoundError", () => Effect.undefined)
              : request
            if (page === undefined) {
              job.goneFiles.add(id)
              return
            }
            yield* storePage(job, page)
            yield* readContent(job, id)
          })
        ),
      { concurrency: job.concurrency, discard: true }
    )
  )
