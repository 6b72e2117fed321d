/**
 * A stand-in for a host of the Evals API on a free port of loopback: as much of
 * the API as the examples ask for. It goes away with the scope it is started in.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, type Schema } from "effect"
import { Eval, EvalsClient, Run } from "effect-evals"
import { FetchHttpClient, HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"
import * as Project from "./project.ts"

/** A list as the API pages it: filtered by status, after the id of the last item seen. */
const page = <A extends { readonly id: string; readonly status: string }>(
  all: ReadonlyArray<A>,
  query: URLSearchParams
) => {
  const status = query.get("status")
  const ordered = query.get("order") === "desc" ? all.toReversed() : all
  const matching = ordered.filter((item) => status === null || item.status === status)
  const start = matching.findIndex((item) => item.id === query.get("after")) + 1
  const data = matching.slice(start, start + Number(query.get("limit") ?? 20))
  return {
    object: "list",
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: start + data.length < matching.length
  }
}

const refused = (status: number, message: string) =>
  HttpServerResponse.jsonUnsafe(
    { error: { message, type: "invalid_request_error", param: null, code: null } },
    { status }
  )

/** Answers with what `body` returns, or with the error that it refuses in. */
const answer = (body: () => unknown, status = 200) =>
  Effect.try({
    try: () => HttpServerResponse.jsonUnsafe(body(), { status }),
    catch: (cause) => cause
  }).pipe(
    Effect.catch((cause) =>
      cause instanceof Project.Refusal ? Effect.succeed(refused(cause.status, cause.message)) : Effect.die(cause)
    )
  )

const routes = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const project = Project.make()

    const id = (name: string) => Effect.map(HttpRouter.params, (params) => params[name] ?? "")
    const query = Effect.map(
      HttpServerRequest.HttpServerRequest,
      (request) => new URL(request.url, "http://host").searchParams
    )
    const parsed = <S extends Schema.ConstraintCodec<unknown, unknown, never, never>>(
      schema: S,
      next: (params: S["Type"]) => ReturnType<typeof answer>
    ) =>
      HttpServerRequest.schemaBodyJson(schema).pipe(
        Effect.flatMap(next),
        Effect.catchTag("SchemaError", (error) => Effect.succeed(refused(400, error.message)))
      )

    yield* router.add(
      "POST",
      "/v1/evals",
      parsed(Eval.CreateParams, (params) => answer(() => project.createEval(params), 201))
    )
    yield* router.add(
      "GET",
      "/v1/evals/:evalId",
      Effect.flatMap(id("evalId"), (evalId) => answer(() => project.retrieveEval(evalId)))
    )
    yield* router.add(
      "POST",
      "/v1/evals/:evalId/runs",
      Effect.flatMap(id("evalId"), (evalId) =>
        parsed(Run.CreateParams, (params) => answer(() => project.createRun(evalId, params), 201))
      )
    )
    yield* router.add(
      "GET",
      "/v1/evals/:evalId/runs",
      Effect.flatMap(Effect.all([id("evalId"), query]), ([evalId, query]) =>
        answer(() => page(project.listRuns(evalId), query))
      )
    )
    yield* router.add(
      "GET",
      "/v1/evals/:evalId/runs/:runId",
      Effect.flatMap(id("runId"), (runId) => answer(() => project.retrieveRun(runId)))
    )
    yield* router.add(
      "POST",
      "/v1/evals/:evalId/runs/:runId/cancel",
      Effect.flatMap(id("runId"), (runId) => answer(() => project.cancelRun(runId)))
    )
    yield* router.add(
      "GET",
      "/v1/evals/:evalId/runs/:runId/output_items",
      Effect.flatMap(Effect.all([id("runId"), query]), ([runId, query]) =>
        answer(() => page(project.listOutputItems(runId), query))
      )
    )
  })
)

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
)

/** The address of a host that was just started, for whatever client. */
export const baseUrl = Effect.map(
  Effect.flatMap(Layer.build(server), (services) => Effect.provide(HttpServer.HttpServer, services)),
  ({ address }) => `${HttpServer.formatAddress(address)}/v1`
)

/** A client of a host that was just started. */
export const layer: Layer.Layer<EvalsClient.EvalsClient> = Layer.unwrap(
  Effect.map(Effect.orDie(baseUrl), (baseUrl) => EvalsClient.layer({ baseUrl }))
).pipe(Layer.provide(FetchHttpClient.layer), Layer.orDie)
