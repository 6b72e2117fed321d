/** @internal */
import * as Effect from "effect/Effect"
import * as Eval from "../../schema/Eval.ts"
import * as Body from "../body.ts"
import { formatBytes } from "../Limits.ts"
import * as Query from "../query.ts"
import { ok } from "../respond.ts"
import { identityOf, routes, type Setting } from "./shared.ts"

const readCreate = Body.reader(Eval.CreateParams)
const readUpdate = Body.reader(Eval.UpdateParams)

/** The routes of evals. */
export const evals = (setting: Setting) => {
  const { engine, limits } = setting
  const route = routes(setting)
  const limit = { bytes: limits.body, advice: `Definitions of evals may be ${formatBytes(limits.body)} large.` }
  return [
    route("POST", "/evals", ({ caller, request }) =>
      Effect.gen(function* () {
        const bytes = yield* Body.bytes(request, limit)
        const params = yield* Effect.flatMap(Body.parse(bytes), readCreate)
        const { answer, warnings } = yield* engine.createEval(caller, params, yield* identityOf(request, bytes))
        yield* Body.warn(warnings)
        return ok(answer, 201)
      })
    ),
    route("GET", "/evals", ({ caller, request }) =>
      Effect.gen(function* () {
        const query = Query.of(request)
        const page = yield* Query.list(query)
        const orderBy = (yield* query.oneOf("order_by", ["created_at", "updated_at"])) ?? "created_at"
        yield* query.rest
        return ok(yield* engine.listEvals(caller, { ...page, orderBy }))
      })
    ),
    route("GET", "/evals/:evalId", ({ caller, param }) =>
      Effect.map(engine.retrieveEval(caller, param("evalId")), (body) => ok(body))
    ),
    route("POST", "/evals/:evalId", ({ caller, param, request }) =>
      Effect.gen(function* () {
        const params = yield* Effect.flatMap(Effect.flatMap(Body.bytes(request, limit), Body.parse), readUpdate)
        return ok(yield* engine.updateEval(caller, param("evalId"), params))
      })
    ),
    route("DELETE", "/evals/:evalId", ({ caller, param }) =>
      Effect.map(engine.deleteEval(caller, param("evalId")), (body) => ok(body))
    )
  ]
}
