/**
 * Models that answer as a test says.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Answer from "../../engine/models/Answer.ts"
import { BadRequest, ModelError, type Reason, Unreadable } from "../../engine/models/ModelError.ts"
import { type Call, type ChatCompletion, none, type Service } from "../../engine/models/Models.ts"
import { Spending } from "../../engine/models/Spending.ts"
import { type SaidUsage, saidUsageOf } from "../../engine/rows/sampleFields.ts"
import { objectOf, listOf } from "../../engine/rows/SampleMessages.ts"
import type { ModelAnswer, ModelRequest, ModelScript } from "./EvalsTest.ts"

const endpoint = "the script of a test"

const textOfContent = (content: unknown): string =>
  typeof content === "string"
    ? content
    : listOf(content)
        .flatMap((part) => objectOf(part)["text"] ?? [])
        .join("\n")

const textOf = ({ input, instructions, messages }: Call["body"]): string =>
  [
    ...(typeof instructions === "string" ? [instructions] : []),
    ...(typeof input === "string" ? [input] : listOf(messages ?? input)).map((message) =>
      typeof message === "string" ? message : textOfContent(objectOf(message)["content"])
    )
  ].join("\n")

const requestOf = ({ body, purpose }: Call): ModelRequest => ({ model: body.model, purpose, text: textOf(body), body })

const completionOf = (said: string | ChatCompletion): ChatCompletion =>
  typeof said === "string" ? { choices: [{ message: { content: said }, finish_reason: "stop" }] } : said

const answerOf = (answer: ModelAnswer): Effect.Effect<string | ChatCompletion, Reason> =>
  Effect.isEffect(answer) ? answer : Effect.succeed(answer)

const readable = (model: string, said: string | ChatCompletion): Effect.Effect<Answer.Answer, Reason> => {
  const answer = Answer.read("chat", JSON.stringify(completionOf(said)), model)
  return Result.isSuccess(answer)
    ? Effect.succeed(answer.success)
    : Effect.fail(new Unreadable({ message: `the answer cannot be read: ${answer.failure}`, body: "" }))
}

/** Counts a request and its answer for the run, whose ceilings may refuse it. */
const counted = <A>(asked: Effect.Effect<A, Reason>, usageOf: (answer: A) => SaidUsage): Effect.Effect<A, Reason> =>
  Effect.flatMap(Spending, (spending) => {
    const refusal = spending.admit()
    return refusal === undefined
      ? Effect.tap(asked, (answer) => Effect.sync(() => spending.answered(usageOf(answer), undefined)))
      : Effect.fail(refusal)
  })

/** Makes models of a script. Each request gets one answer, at once. */
export const make = (
  script: ModelScript,
  embeddings: ((text: string) => ReadonlyArray<number>) | undefined
): Service => {
  const failed = (model: string) => (reason: Reason) => new ModelError({ model, endpoint, reason })
  return {
    ...none,
    find: (model) => ({ match: "*", endpoint, model, apis: { chat: "yes", responses: "yes" }, price: undefined }),
    check: () => undefined,
    ask: (call) => {
      const { model } = call.body
      const asked = Effect.suspend(() => answerOf(script(requestOf(call)))).pipe(
        Effect.flatMap((said) => readable(model, said))
      )
      return Effect.mapError(
        counted(asked, ({ usage }) => usage),
        failed(model)
      )
    },
    embed: ({ inputs, model }) =>
      embeddings === undefined
        ? Effect.fail(failed(model)(new BadRequest({ message: "the test gives no embeddings" })))
        : Effect.mapError(
            counted(
              Effect.sync(() => ({ model, vectors: inputs.map(embeddings), prompt_tokens: undefined })),
              () => saidUsageOf({})
            ),
            failed(model)
          )
  }
}
