/** The transports that the suite of this folder runs over. */
import { NodeHttpClient } from "@effect/platform-node"
import { layer, type Vitest } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { EvalId, EvalsClient, FileId, Retry, RunId } from "effect-evals"
import { FetchHttpClient, type HttpClient } from "effect/http"
import type { Loopback } from "./loopback.ts"

/** `fetch`, which browsers have too, and undici as Effect's package for Node offers it. */
export type Name = "fetch" | "undici"

const transports: Readonly<Record<Name, Layer.Layer<HttpClient.HttpClient>>> = {
  fetch: FetchHttpClient.layer,
  undici: NodeHttpClient.layerUndici
}

/** Defines tests once for each transport, which lives as long as they do, as in a program. */
export const eachTransport = (define: (it: Vitest.MethodsNonLive<HttpClient.HttpClient>, name: Name) => void): void => {
  for (const name of ["fetch", "undici"] as const) layer(transports[name])(name, (it) => define(it, name))
}

/** Gives a test a client of a server, over the transport of the suite. */
export const clientOf = ({ baseUrl }: Pick<Loopback, "baseUrl">, options: Omit<EvalsClient.Options, "baseUrl"> = {}) =>
  Effect.provide(Layer.orDie(EvalsClient.layer({ baseUrl, ...options })))

/** Repeats as by default, but without the waits: the test's clock stands still. */
export const atOnce = Retry.transient({ base: 0 })

export const evalId = EvalId.make("eval_68a1")
export const runId = RunId.make("evalrun_68a2")
export const fileId = FileId.make("file-68a4")
