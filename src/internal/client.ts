/**
 * The client: the requests of the API over the prepared transport.
 *
 * @internal
 */
import type * as HttpClient from "effect/http/HttpClient"
import type { Service } from "../EvalsClient.ts"
import type { Options } from "../Options.ts"
import { eventStream } from "../schema/Events.ts"
import { path } from "./path.ts"
import * as Prepare from "./prepare.ts"
import * as Request from "./request.ts"

/** Makes a client. `options` are checked before, unless the transport is not a network. */
export const make = (transport: HttpClient.HttpClient, options: Options): Service => {
  const prepared = Prepare.prepare(transport, options)
  const requester = Request.make({
    ...prepared,
    timeout: options.timeout,
    retry: options.retry,
    idempotentCreates: options.idempotentCreates ?? false,
    azure: options.azure !== undefined
  })
  return {
    client: prepared.client,
    send: requester.send,
    download: (fileId, callOptions) =>
      requester.stream(
        {
          name: "downloadFile",
          method: "GET",
          path: path`/files/${{ fileId }}/content`,
          accept: "application/octet-stream",
          repeat: "safe"
        },
        callOptions
      ),
    events: (evalId, runId, callOptions) =>
      requester.stream(
        {
          name: "retrieveRun",
          method: "GET",
          path: path`/evals/${{ evalId }}/runs/${{ runId }}/events`,
          accept: eventStream,
          repeat: "safe"
        },
        callOptions
      )
  }
}
