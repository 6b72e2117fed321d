/** Models whose script is an effect of a text: for tests that hold an answer back, or interrupt it. */
import { Effect, Layer, Result } from "effect"
import * as Answer from "../../src/engine/models/Answer.ts"
import { ModelError, Overloaded, QuotaExceeded } from "../../src/engine/models/ModelError.ts"
import { type Call, Models, none } from "../../src/engine/models/Models.ts"

/** The answer to a request: a text, or an error. */
export type Script = (call: Call) => Effect.Effect<string, ModelError>

/** The texts of the messages of a request. */
export const textsOf = ({ body }: Call): ReadonlyArray<string> => {
  const messages: unknown = body["messages"] ?? body["input"]
  return Array.isArray(messages)
    ? messages.map((message: { readonly content: unknown }) => String(message.content))
    : []
}

/** A chat completion with this text, which took 3 and 1 tokens. */
export const completion = (text: string, model = "scripted-1") => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  model,
  choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }
})

/** Models of which each answers by the script. */
export const scripted = (script: Script): Layer.Layer<never> =>
  Layer.succeed(Models, {
    ...none,
    find: (model) => ({
      match: "*",
      endpoint: "a script",
      model,
      apis: { chat: "yes", responses: "no" },
      price: undefined
    }),
    check: () => undefined,
    ask: (call) =>
      Effect.map(script(call), (text) =>
        Result.getOrThrow(Answer.read("chat", JSON.stringify(completion(text)), call.body.model))
      )
  })

/** An error that the next request may not have. */
export const overloaded = new ModelError({
  model: "m",
  endpoint: "https://models.test/v1",
  reason: new Overloaded({ message: "no capacity", status: 503 })
})

/** An error that every request has. */
export const noQuota = new ModelError({
  model: "m",
  endpoint: "https://models.test/v1",
  reason: new QuotaExceeded({ message: "no money left", status: 429, code: "insufficient_quota" })
})
