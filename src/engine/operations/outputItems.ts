/** @internal */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import * as OutputItems from "../../store/OutputItems.ts"
import type { Caller } from "../../store/Projects.ts"
import { notFound } from "../texts/Rejection.ts"
import { runOf } from "./runs.ts"
import { type Answer, type Json, type ListQuery, pageQuery, pageText } from "./shared.ts"

/** Operations on output items. Their answers are JSON texts as they are served. */
export interface Operations {
  readonly retrieveOutputItem: (caller: Caller, evalId: string, runId: string, itemId: string) => Answer<string>
  readonly listOutputItems: (
    caller: Caller,
    evalId: string,
    runId: string,
    query: ListQuery & { readonly status: "pass" | "fail" | undefined }
  ) => Answer<Json>
}

/** Makes the operations over the database. */
export const make: Effect.Effect<Operations, never, SqlClient.SqlClient> = Effect.gen(function* () {
  const withSql = Effect.provideService(SqlClient.SqlClient, yield* SqlClient.SqlClient)
  return {
    retrieveOutputItem: (caller, evalId, runId, itemId) =>
      Effect.gen(function* () {
        yield* runOf(caller.project, evalId, runId)
        const found = yield* OutputItems.find(caller.project, runId, itemId)
        return found ?? (yield* notFound("output item", itemId, ` of run ${runId}`))
      }).pipe(withSql),

    listOutputItems: (caller, evalId, runId, query) =>
      Effect.gen(function* () {
        yield* runOf(caller.project, evalId, runId)
        const page = yield* pageQuery(
          query,
          (id) => OutputItems.position(caller.project, runId, id),
          // items are deleted only with their run
          () => Effect.undefined
        )
        return pageText(yield* OutputItems.list(caller.project, runId, page, query.status))
      }).pipe(withSql)
  }
})
