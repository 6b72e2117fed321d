/** @internal */
import * as Effect from "effect/Effect"
import * as Query from "../query.ts"
import { ok } from "../respond.ts"
import { routes, type Setting } from "./shared.ts"

/** The routes of output items. */
export const outputItems = (setting: Setting) => {
  const { engine } = setting
  const route = routes(setting)
  return [
    route("GET", "/evals/:evalId/runs/:runId/output_items", ({ caller, param, request }) =>
      Effect.gen(function* () {
        const query = Query.of(request)
        const page = yield* Query.list(query)
        // the specification says `failed` in its prose
        const status = yield* query.oneOf("status", ["pass", "fail", "failed"])
        yield* query.rest
        return ok(
          yield* engine.listOutputItems(caller, param("evalId"), param("runId"), {
            ...page,
            status: status === "failed" ? "fail" : status
          })
        )
      })
    ),
    route("GET", "/evals/:evalId/runs/:runId/output_items/:itemId", ({ caller, param }) =>
      Effect.map(engine.retrieveOutputItem(caller, param("evalId"), param("runId"), param("itemId")), (body) =>
        ok(body)
      )
    )
  ]
}
