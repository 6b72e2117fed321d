/**
 * Saves pages in the database of an archive.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as Objects from "../store/Objects.ts"
import type { Sql } from "../store/Sql.ts"
import type { Page } from "./HostPages.ts"

/** The current time in Unix seconds. */
export const unixSeconds = Effect.map(Clock.currentTimeMillis, (millis) => Math.floor(millis / 1000))

/** Saves pages, and counts their objects by outcome. */
export interface SavedPages {
  /** Saves the objects of a page. `alongside` runs in the same transaction. */
  readonly save: <A>(
    kind: Objects.Kind,
    page: Page<A>,
    columns: (fields: A) => Objects.Received["columns"],
    alongside?: (now: number) => Sql<void>
  ) => Sql<void>
  /** The counts so far. */
  readonly outcome: () => Readonly<Record<Objects.Kind, Objects.Outcome>>
}

/** Makes the writer of pages for a project. */
export const make = (project: number): SavedPages => {
  const outcome: Record<Objects.Kind, Objects.Outcome> = {
    evals: Objects.noOutcome,
    runs: Objects.noOutcome,
    output_items: Objects.noOutcome,
    files: Objects.noOutcome
  }
  return {
    save: (kind, page, columns, alongside = () => Effect.void) =>
      Effect.gen(function* () {
        const sql = yield* SqlClient.SqlClient
        const now = yield* unixSeconds
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
    outcome: () => ({ ...outcome })
  }
}
