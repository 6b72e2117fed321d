/** Models over a scripted server, for tests. */
import { NodeHttpClient } from "@effect/platform-node"
import { Context, Effect, Layer, type Scope } from "effect"
import * as M from "../../../../src/engine/models/Models.ts"
import type { ModelError } from "../../../../src/engine/models/ModelError.ts"
import type { HttpEntry } from "../../../../src/engine/models/Entry.ts"
import { type ModelServer, type Script, serve } from "../../../lib/modelServer.ts"

/** A server, and models whose only entry asks it. */
export interface Setting {
  readonly server: ModelServer
  readonly models: M.Service
}

/** Starts a server, and makes models with one entry for it. The entry has chat completions where it says nothing. */
export const setting = (script: Script, entry: Partial<HttpEntry> = {}): Effect.Effect<Setting, never, Scope.Scope> =>
  Effect.gen(function* () {
    const server = yield* serve(script)
    const layer = M.layer([{ match: "*", baseUrl: server.baseUrl, api: "chat", limits: { inFlight: 64 }, ...entry }])
    const context = yield* Effect.orDie(Layer.build(Layer.provide(layer, NodeHttpClient.layerUndici)))
    return { server, models: Context.get(context, M.Models) }
  })

/** A call by chat completions. */
export const chat = (content: string, fields: { readonly [name: string]: unknown } = {}): M.Call => ({
  dialect: "chat",
  purpose: "sample",
  group: "evalrun_1",
  body: { model: "gpt-4.1", messages: [{ role: "user", content }], ...fields }
})

/** A call by responses. */
export const responses = (input: string, fields: { readonly [name: string]: unknown } = {}): M.Call => ({
  dialect: "responses",
  purpose: "sample",
  group: "evalrun_1",
  body: { model: "gpt-4.1", input: [{ role: "user", content: input }], ...fields }
})

/** The reason for which an answer is missing. */
export const reasonOf = <A, R>(ask: Effect.Effect<A, ModelError, R>) =>
  Effect.map(Effect.flip(ask), ({ reason }) => reason)
