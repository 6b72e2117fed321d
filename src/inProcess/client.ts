/**
 * A client of a server application in the same process.
 *
 * @internal
 */
import type * as EvalsClient from "../EvalsClient.ts"
import * as Client from "../internal/client.ts"
import * as InProcess from "../server/InProcess.ts"
import type * as Server from "../server/Server.ts"

/**
 * The options of a client without an address and without a key.
 *
 * @category options
 * @since 0.1.0
 */
export type ClientOptions = Omit<EvalsClient.Options, "apiKey" | "baseUrl" | "azure" | "idempotentCreates">

/** Makes a client whose requests the application answers. */
export const make = (app: Server.App, options: ClientOptions): EvalsClient.Service =>
  Client.make(InProcess.httpClient(app), { ...options, baseUrl: InProcess.address, idempotentCreates: true })
