/**
 * A transport to models that sends nothing: it keeps each request, and answers it with a placeholder.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Layer from "effect/Layer"
import * as Predicate from "effect/Predicate"
import type { Service } from "../engine/models/Models.ts"
import { parseJson } from "../schema/fields.ts"

/** The purpose of a request. */
export type Purpose = "samples" | "judges" | "embeds"

/** A request that was not sent. */
export interface Unsent {
  readonly purpose: Purpose
  /** The address without its query, which may hold a key. */
  readonly url: string
  readonly body: { readonly [name: string]: unknown }
}

/** The transport, and what it kept. */
export interface UnsentModels {
  readonly layer: Layer.Layer<HttpClient.HttpClient>
  /** Makes models say the purpose of their requests. */
  readonly over: (service: Service) => Service
  /** Takes the requests so far. */
  readonly take: () => ReadonlyArray<Unsent>
}

const CurrentPurpose = Context.Reference<Purpose>("effect-evals/cli/CurrentPurpose", { defaultValue: () => "samples" })

const bodyOf = ({ body }: HttpClientRequest): Unsent["body"] => {
  const value = body._tag === "Uint8Array" ? parseJson(new TextDecoder().decode(body.body)) : undefined
  return Predicate.isObject(value) ? { ...value } : {}
}

const noTokens = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

/** The text in place of an answer. It stands in the prompts of judges. */
export const placeholder = (model: unknown): string => `<the answer of ${String(model)}>`

const answerTo = (path: string, { input, model }: Unsent["body"]): object => {
  if (path.endsWith("/embeddings")) {
    const inputs = Array.isArray(input) ? input : [input]
    return { model, data: inputs.map((_, index) => ({ index, embedding: [1] })), usage: noTokens }
  }
  const text = placeholder(model)
  return path.endsWith("/responses")
    ? {
        model,
        status: "completed",
        output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text }] }]
      }
    : {
        model,
        choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
        usage: noTokens
      }
}

/** Makes a transport that sends nothing. */
export const make = (): UnsentModels => {
  let kept: Array<Unsent> = []
  const client = HttpClient.make((request, url, _signal, fiber) =>
    Effect.sync(() => {
      const body = bodyOf(request)
      kept.push({ purpose: fiber.getRef(CurrentPurpose), url: url.origin + url.pathname, body })
      return HttpClientResponse.fromWeb(
        request,
        new Response(JSON.stringify(answerTo(url.pathname, body)), { headers: { "content-type": "application/json" } })
      )
    })
  )
  return {
    layer: Layer.succeed(HttpClient.HttpClient, client),
    over: (service) => ({
      ...service,
      ask: (call) =>
        Effect.provideService(service.ask(call), CurrentPurpose, call.purpose === "judge" ? "judges" : "samples"),
      embed: (call) => Effect.provideService(service.embed(call), CurrentPurpose, "embeds")
    }),
    take: () => {
      const taken = kept
      kept = []
      return taken
    }
  }
}
