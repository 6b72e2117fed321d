/** Answers of models by the hash of their requests. */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { sha256 } from "./Objects.ts"
import type { Sql } from "./Sql.ts"

const hashOf = (request: ReadonlyArray<string | number>): string => sha256(JSON.stringify(request))

/** Returns the answer to a request; undefined if there is none. */
export const find = (request: ReadonlyArray<string | number>): Sql<string | undefined> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const rows = yield* sql<{ readonly body: string }>`SELECT body FROM model_cache WHERE key = ${hashOf(request)}`
    return rows[0]?.body
  })

/** Stores the answer to a request. An answer that is stored already stays. `createdAt` is in Unix seconds. */
export const insert = (request: ReadonlyArray<string | number>, body: string, createdAt: number): Sql<void> =>
  Effect.flatMap(SqlClient.SqlClient, (sql) =>
    Effect.asVoid(sql`INSERT INTO model_cache (key, created_at, body) VALUES (${hashOf(request)}, ${createdAt}, ${body})
      ON CONFLICT DO NOTHING`)
  )
