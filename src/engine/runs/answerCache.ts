/**
 * The cache of answers in the database of the engine.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as ModelCache from "../../store/ModelCache.ts"
import type { Question, Service } from "../models/AnswerCache.ts"

const keyOf = ({ api, body, endpoint, repetition }: Question) => [endpoint, api, body, repetition]

/** Makes the cache. An error of the database is logged, and the model is asked. */
export const make: Effect.Effect<Service, never, SqlClient.SqlClient> = Effect.map(SqlClient.SqlClient, (sql) => ({
  find: (question) =>
    ModelCache.find(keyOf(question)).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.catch((error) =>
        Effect.as(Effect.logWarning(`the cache of answers cannot be read: ${error.message}`), undefined)
      )
    ),
  keep: (question, answer) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) =>
      ModelCache.insert(keyOf(question), answer, Math.floor(now / 1000))
    ).pipe(
      Effect.provideService(SqlClient.SqlClient, sql),
      Effect.catch((error) => Effect.logWarning(`an answer is not kept in the cache: ${error.message}`))
    )
}))
