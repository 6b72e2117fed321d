/** Models that a test scripts: nothing is sent anywhere. */
import { Effect, Layer, Result } from "effect"
import * as Answer from "../../src/engine/models/Answer.ts"
import { BadRequest, ModelError, type Reason, Unreadable } from "../../src/engine/models/ModelError.ts"
import { type Call, type EmbedCall, Models, none, type Service } from "../../src/engine/models/Models.ts"

/** An answer of a model: the body of a chat completion or of a response, or the reason why there is none. */
type Scripted = { readonly body: object } | { readonly reason: Reason }

/** The script of the models. */
export interface Script {
  /** The names of the models that have an endpoint. Default: all. */
  readonly has?: (model: string) => boolean
  readonly ask?: (call: Call) => Scripted
  /** The vector of a text. */
  readonly embed?: (text: string) => ReadonlyArray<number>
}

/** Models, and all that they were asked. */
export interface ScriptedModels {
  readonly service: Service
  readonly calls: ReadonlyArray<Call>
  readonly embedded: ReadonlyArray<EmbedCall>
  readonly layer: Layer.Layer<never>
}

const endpoint = "http://models.test/v1"

/** Makes models of a script. */
export const scripted = (script: Script): ScriptedModels => {
  const calls: Array<Call> = []
  const embedded: Array<EmbedCall> = []
  const has = script.has ?? (() => true)
  const fail = (model: string, reason: Reason) => Effect.fail(new ModelError({ model, endpoint, reason }))
  const service: Service = {
    ...none,
    find: (model) =>
      has(model)
        ? { match: "*", endpoint, model, apis: { chat: "yes", responses: "yes" }, price: undefined }
        : undefined,
    check: (request) => (has(request.body.model) ? undefined : none.check(request)),
    ask: (call) => {
      calls.push(call)
      const { model } = call.body
      const said = script.ask?.(call) ?? { reason: new BadRequest({ message: "no script" }) }
      if ("reason" in said) return fail(model, said.reason)
      const answer = Answer.read(call.dialect, JSON.stringify(said.body), model)
      return Result.isSuccess(answer)
        ? Effect.succeed(answer.success)
        : fail(model, new Unreadable({ message: answer.failure, body: "" }))
    },
    embed: (call) => {
      embedded.push(call)
      const { embed } = script
      return embed === undefined
        ? fail(call.model, new BadRequest({ message: "no script" }))
        : Effect.succeed({ model: `${call.model}-2024`, vectors: call.inputs.map(embed), prompt_tokens: 5 })
    }
  }
  return { service, calls, embedded, layer: Layer.succeed(Models, service) }
}
