/**
 * A client for tests, made of functions.
 */
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { EvalsClient } from "../EvalsClient.ts"
import type { Requests } from "../Requests.ts"

const missing = (name: string): Error =>
  new Error(
    name.startsWith("list") && !name.endsWith("Page")
      ? `the test asks for ${name}Page, on which ${name} is built, and which EvalsClientTest.layer was not given`
      : `the test asks for ${name}, which EvalsClientTest.layer was not given`
  )

/**
 * A client whose requests are answered by functions. A request without a function is
 * a defect that names the operation. Composed operations use the basic ones:
 * `listRuns` calls `listRunsPage`, and `awaitRun` calls `retrieveRun`.
 *
 * **Example** (Testing a program)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { awaitRun, EvalId, RunId } from "effect-evals"
 * import { EvalsClientTest, WireBuilder } from "effect-evals/testing"
 *
 * export const test = awaitRun(EvalId.make("eval_1"), RunId.make("evalrun_1")).pipe(
 *   Effect.provide(
 *     EvalsClientTest.layer({
 *       retrieveRun: (evalId, runId) =>
 *         Effect.succeed(WireBuilder.run({ id: runId, eval_id: evalId, status: "completed" }))
 *     })
 *   )
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layer = (operations: Partial<Requests>): Layer.Layer<EvalsClient> =>
  Layer.succeed(EvalsClient, {
    send: (operation, options) => operation.via(operations, options) ?? Effect.die(missing(operation.name)),
    download: (fileId, options) => operations.downloadFile?.(fileId, options) ?? Stream.die(missing("downloadFile")),
    // requested only if the answer of a run offers events
    events: () => Stream.die(missing("events")),
    // not `HttpClient.make`: it fails for a URL without a host
    client: HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
      (requested) =>
        Effect.flatMap(requested, (request) =>
          Effect.fail(
            new HttpClientError.HttpClientError({
              reason: new HttpClientError.TransportError({ request, description: "EvalsClientTest has no network" })
            })
          )
        ),
      Effect.succeed
    )
  })
