/**
 * What the parts of an archive share: the project, the gate, the counters, and
 * the ways to read a page, to store it, and to name what cannot be read.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { type EvalsClient, withResponse } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { pagesSeen } from "../Pagination.ts"
import type { RawPage } from "../Raw.ts"
import * as Objects from "../store/Objects.ts"
import * as Gate from "./AdaptiveConcurrency.ts"
import type { Progress } from "./Report.ts"
import * as Setbacks from "./Setbacks.ts"
import * as State from "./State.ts"
import { whole } from "./looseJson.ts"

/** The host's largest page of evals, runs and items. */
const pageSize = 100

/** Pages are made smaller where objects are so large that a page would be more than this. */
const pageBytes = 8 * 1024 * 1024

/** A page: each object's text, and the fields that are wanted of it. Its value as a whole would live as long as the page. */
export interface Page<A> {
  readonly data: ReadonlyArray<{
    readonly id: string
    readonly createdAt: number
    readonly body: Uint8Array
    readonly fields: A
  }>
  readonly has_more: boolean
  readonly requestId: string | undefined
}

/** What an effect of an archive needs. */
export type Needs = EvalsClient | SqlClient.SqlClient

interface Count {
  done: number
  total: number
}

/** What the parts of an archive share. */
export interface Session {
  readonly project: number
  readonly concurrency: number
  readonly outcome: Record<Objects.Kind, Objects.Outcome>
  readonly counts: { readonly evals: Count; readonly runs: Count; readonly items: Count; readonly files: Count }
  readonly skippedRuns: Set<string>
  readonly goneFiles: Set<string>
  /** Tells the caller how far the work is. */
  readonly report: Effect.Effect<void>
  /** Counts bytes that arrived. */
  readonly received: (bytes: number) => Effect.Effect<void>
  /** Sends a request when the host has room for it. */
  readonly through: Gate.Gate["through"]
  /** Reads a page, and takes the fields of its objects. */
  readonly page: <A>(
    request: Effect.Effect<RawPage, EvalsError, EvalsClient>,
    fields: (value: unknown) => A
  ) => Effect.Effect<Page<A>, EvalsError, EvalsClient>
  /** Stores the objects of a page, and `alongside` in the same transaction. */
  readonly store: <A>(
    kind: Objects.Kind,
    page: Page<A>,
    columns: (fields: A) => Objects.Received["columns"],
    alongside?: (now: number) => Effect.Effect<void, SqlError, SqlClient.SqlClient>
  ) => Effect.Effect<void, SqlError, SqlClient.SqlClient>
  /**
   * Reads something by its name, and lets the rest go on where that fails: what may
   * pass is set aside and tried again by `tryAgain`, all else is remembered as a
   * problem. The work goes on where it failed when it is run again.
   */
  readonly named: (
    kind: Objects.Kind,
    id: string,
    work: Effect.Effect<void, EvalsError | SqlError, Needs>
  ) => Effect.Effect<void, SqlError, Needs>
  /** Whether something was set aside, and is to be tried again. */
  readonly isSetAside: Setbacks.Setbacks<SqlError, Needs>["isSetAside"]
  /** Whether what cannot be read may be read another time, where that is known. */
  readonly outlook: Setbacks.Setbacks<SqlError, Needs>["outlook"]
  /** Tries again what was set aside, until it is read or given up; the value is whether there was any. */
  readonly tryAgain: Effect.Effect<boolean, SqlError, Needs>
}

const seconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

/** Begins an archive of a project. */
export const make = (options: {
  readonly project: string
  readonly host: string | undefined
  readonly concurrency: number
  readonly onProgress: ((progress: Progress) => Effect.Effect<void>) | undefined
}): Effect.Effect<Session, SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const gate = yield* Gate.make(options.concurrency)
    const project = yield* Objects.project(options.project, options.host ?? null, yield* seconds)
    const outcome = {
      evals: Objects.noOutcome,
      runs: Objects.noOutcome,
      output_items: Objects.noOutcome,
      files: Objects.noOutcome
    }
    const counts = {
      evals: { done: 0, total: 0 },
      runs: { done: 0, total: 0 },
      items: { done: 0, total: 0 },
      files: { done: 0, total: 0 }
    }
    let bytes = 0
    const setbacks = Setbacks.make<SqlError, Needs>()
    const { onProgress } = options
    const report =
      onProgress === undefined
        ? Effect.void
        : Effect.suspend(() =>
            onProgress({
              evals: { ...counts.evals },
              runs: { ...counts.runs },
              items: { ...counts.items },
              files: { ...counts.files },
              bytes,
              inFlight: gate.limit(),
              heldUntil: gate.heldUntil(),
              retrying: setbacks.retrying()
            })
          )
    const named: Session["named"] = (kind, id, work) =>
      work.pipe(
        Effect.andThen(
          Effect.suspend(() => {
            setbacks.mended(kind, id)
            return State.clearProblem(project, kind, id)
          })
        ),
        Effect.catchTag("EvalsError", (error) =>
          Effect.gen(function* () {
            const verdict = yield* setbacks.failed({ kind, id, work }, error)
            const message = verdict._tag === "GivenUp" ? verdict.message : error.message
            // also of what is tried again: an archive that is stopped names it
            yield* State.setProblem(project, { kind, id, message }, yield* seconds)
            yield* report
          })
        )
      )
    return {
      project,
      concurrency: options.concurrency,
      outcome,
      counts,
      skippedRuns: new Set(),
      goneFiles: new Set(),
      report,
      received: (count) =>
        Effect.suspend(() => {
          bytes += count
          return report
        }),
      through: gate.through,
      page: (request, fields) =>
        Effect.map(gate.through(withResponse(request)), ({ data, response }) => {
          for (const object of data.data) bytes += object.bytes.length
          return {
            data: data.data.map(({ bytes: body, id, value }) => ({
              id,
              createdAt: whole(value, ["created_at"], 0),
              body,
              fields: fields(value)
            })),
            has_more: data.has_more,
            requestId: response?.requestId
          }
        }),
      store: (kind, page, columns, alongside = () => Effect.void) =>
        Effect.gen(function* () {
          const now = yield* seconds
          const objects = page.data.map(({ body, createdAt, fields, id }) => ({
            id,
            createdAt,
            columns: columns(fields),
            body,
            requestId: page.requestId
          }))
          const put = yield* sql.withTransaction(
            Effect.tap(Objects.put(kind, project, objects, now), () => alongside(now))
          )
          const before = outcome[kind]
          outcome[kind] = {
            saved: before.saved + put.saved,
            changed: before.changed + put.changed,
            unchanged: before.unchanged + put.unchanged
          }
        }),
      named,
      isSetAside: setbacks.isSetAside,
      outlook: setbacks.outlook,
      tryAgain: setbacks.tryAgain(({ id, kind, work }) => named(kind, id, work), options.concurrency)
    }
  })

// what a page that is too large for the host, or for the time that it has, may look like
const isTooLarge = ({ reason }: EvalsError): boolean =>
  reason._tag === "ServerError" ||
  reason._tag === "TimeoutError" ||
  reason._tag === "ConnectionError" ||
  (reason._tag === "DecodeError" && reason.path === "")

/**
 * Reads a list to its end, page by page: each is handed on with the id of its
 * last object. Pages of large objects are made smaller, and so is one that the
 * host fails to bring. Run again after an error, the effect goes on with the page
 * that failed.
 */
export const pages = <A, E, R>(
  session: Session,
  list: (cursor: string | undefined, limit: number) => Effect.Effect<RawPage, EvalsError, EvalsClient>,
  fields: (value: unknown) => A,
  each: (page: Page<A>, last: string | undefined) => Effect.Effect<void, E, R>,
  options: {
    readonly from?: string | undefined
    /** The largest page, and the first, where they are not the host's largest. */
    readonly largest?: number
    readonly first?: number
    /** Whether all objects are there that something else counts; then `has_more` need not be doubted. */
    readonly all?: () => boolean
  } = {}
): Effect.Effect<void, EvalsError | E, R | EvalsClient> => {
  const largest = options.largest ?? pageSize
  let cursor = options.from
  let limit = options.first ?? largest
  let promised = true
  const seen = pagesSeen(cursor)
  return Effect.gen(function* () {
    while (true) {
      const asked = limit
      const found: Page<A> | undefined = yield* Effect.catchIf(
        session.page(list(cursor, asked), fields),
        (error) => asked > 1 && isTooLarge(error),
        () => Effect.undefined
      )
      if (found === undefined) {
        limit = Math.ceil(asked / 4)
        continue
      }
      const last = found.data.at(-1)?.id
      const stuck = seen.add(cursor, found.data)
      // nothing is missing where the host has not promised more, or where all that it counts is there
      if (stuck !== undefined) return yield* promised && options.all?.() !== true ? stuck : Effect.void
      yield* each(found, last)
      promised = found.has_more
      // a full page is followed by another look: a host that denies the rest would not be found out
      if (last === undefined || !(promised || (found.data.length >= asked && options.all?.() !== true))) return
      cursor = last
      const size = found.data.reduce((sum, object) => sum + object.body.length, 0) / found.data.length
      limit = Math.max(1, Math.min(largest, Math.floor(pageBytes / size)))
    }
  })
}
