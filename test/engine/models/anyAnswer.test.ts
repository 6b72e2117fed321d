import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { Headers } from "effect/http"
import { readAnswer } from "../../../src/engine/graders/judgeAnswer.ts"
import * as Answer from "../../../src/engine/models/Answer.ts"
import { readError } from "../../../src/engine/models/readError.ts"
import { sampled } from "../../../src/engine/models/requests/sampled.ts"
import { translate } from "../../../src/engine/models/requests/translate.ts"
import { sampleText } from "../../../src/engine/models/samples.ts"
import { JsonText } from "../../../src/engine/rows/JsonText.ts"
import { Sample } from "../../../src/engine/rows/Sample.ts"

/** Values in the places of an answer where the engine looks. */
const Odd = Schema.Struct({
  model: Schema.Json,
  choices: Schema.Array(Schema.Struct({ message: Schema.Json, finish_reason: Schema.Json })),
  output: Schema.Array(
    Schema.Struct({ type: Schema.Literals(["message", "function_call", "reasoning"]), content: Schema.Json })
  ),
  usage: Schema.Json,
  error: Schema.Json,
  status: Schema.Json
})

const request = {
  dialect: "chat" as const,
  body: { model: "m", messages: [{ role: "user", content: "Hi" }], temperature: 0 }
}

describe("whatever an endpoint sends", () => {
  it.effect.prop("is read or refused, and a sample of it is JSON with the fields of an item", { odd: Odd }, ({ odd }) =>
    Effect.sync(() => {
      for (const api of ["chat", "responses"] as const) {
        const answer = Answer.read(api, JSON.stringify(odd), "m")
        if (Result.isFailure(answer)) continue
        const text = sampleText(request, answer.success)
        const wire: unknown = JSON.parse(new Sample(JsonText.parse(text)).wire)
        assert.containsAllKeys(wire, ["input", "output", "finish_reason", "model", "usage", "error", "temperature"])
        const shown = readAnswer(text, {}).shown(undefined)
        JSON.parse(typeof shown === "object" && shown !== null ? shown.json : "no sample")
      }
    })
  )

  it.effect.prop("has a reason as an error", { body: Schema.Json, status: Schema.Int }, ({ body, status }) =>
    Effect.sync(() => {
      const reason = readError({ status, headers: Headers.empty, text: JSON.stringify(body), now: 0 })
      assert.isString(reason.message)
    })
  )
})

describe("whatever a row holds as messages", () => {
  it.effect.prop("makes a request, or says why not", { messages: Schema.Array(Schema.Json) }, ({ messages }) =>
    Effect.sync(() => {
      for (const type of ["completions", "responses"] as const) {
        const { request } = sampled({ type, model: "m" }, messages)
        translate(request.dialect, request.body)
      }
    })
  )
})
