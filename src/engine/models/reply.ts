/**
 * Replies to the questions of graders.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { AskedModel, JudgeRequest, Question, Reply, Unanswered } from "../graders/Scored.ts"
import { noAnswerFlag } from "../graders/Scored.ts"
import type { ModelError } from "./ModelError.ts"
import { Models, type Service } from "./Models.ts"
import { judged, type Made } from "./requests/sampled.ts"
import { sampleText } from "./samples.ts"

const requestOf = ({ input, model, sampling }: JudgeRequest): Made =>
  judged({ model, sampling_params: sampling }, input)

const unsendable = (model: string, problems: ReadonlyArray<string>): string =>
  `model ${JSON.stringify(model)}: the messages cannot be sent: ${problems.join("; ")}`

/** The reason why a model cannot be asked. */
export interface Unaskable {
  readonly code: "model_not_configured" | "unsupported_by_endpoint"
  readonly message: string
}

/** Returns the reason why a model of a grader cannot be asked, as far as it is known before it is asked. */
export const unaskable = (models: Service, asked: AskedModel): Unaskable | undefined => {
  const { model } = asked
  if (asked._tag === "Judge") {
    const { problems, request } = requestOf(asked)
    if (problems.length > 0) return { code: "unsupported_by_endpoint", message: unsendable(model, problems) }
    const error = models.check(request)
    if (error === undefined) return undefined
    const { message, reason } = error
    return { code: reason._tag === "NoEndpoint" ? "model_not_configured" : "unsupported_by_endpoint", message }
  }
  if (models.find(model) !== undefined) return undefined
  const error = models.check({ dialect: "chat", body: { model, messages: [] } })
  return error && { code: "model_not_configured", message: error.message }
}

const unanswered = (error: ModelError): Unanswered => ({
  _tag: "Unanswered",
  flag: noAnswerFlag,
  code: error.wire.code,
  message: error.message,
  fatal: error.isFatal
})

/** Returns the cosine of two vectors. It is 1 for equal ones, without a rounding error. Undefined where there is none. */
export const cosineOf = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): number | undefined => {
  if (a.length !== b.length) return undefined
  let dot = 0
  let squaresOfA = 0
  let squaresOfB = 0
  for (const [index, x] of a.entries()) {
    const y = b[index] ?? 0
    dot += x * y
    squaresOfA += x * x
    squaresOfB += y * y
  }
  const cosine = dot / Math.sqrt(squaresOfA * squaresOfB)
  return Number.isFinite(cosine) ? cosine : undefined
}

const judge = (question: Extract<Question, { readonly _tag: "Judge" }>, group: string): Effect.Effect<Reply> => {
  const { problems, request } = requestOf(question)
  if (problems.length > 0) {
    return Effect.succeed({
      _tag: "Unanswered",
      flag: noAnswerFlag,
      code: "unsupported_by_endpoint",
      message: unsendable(question.model, problems),
      // the places of messages are those of the grader, so that no row's messages can be sent
      fatal: true
    })
  }
  return Effect.flatMap(Models, (models) =>
    Effect.match(models.ask({ ...request, purpose: "judge", group, structured: question.structure }), {
      onFailure: unanswered,
      onSuccess: (answer): Reply => ({ _tag: "Sampled", sample: sampleText(request, answer) })
    })
  )
}

const compare = (
  { model, texts }: Extract<Question, { readonly _tag: "Compare" }>,
  group: string
): Effect.Effect<Reply> =>
  Effect.flatMap(Models, (models) =>
    Effect.match(models.embed({ model, inputs: texts, group }), {
      onFailure: unanswered,
      onSuccess: ({ model: resolved, prompt_tokens: tokens = 0, vectors: [a = [], b = []] }): Reply => {
        const cosine = cosineOf(a, b)
        return cosine === undefined
          ? {
              _tag: "Unanswered",
              flag: noAnswerFlag,
              code: "invalid_response",
              message: `model ${JSON.stringify(model)}: the vectors of the two texts have no cosine`,
              fatal: false
            }
          : {
              _tag: "Compared",
              cosine,
              usage: {
                model_name: resolved,
                invocation_count: 1,
                prompt_tokens: tokens,
                completion_tokens: 0,
                total_tokens: tokens,
                cached_tokens: 0
              }
            }
      }
    })
  )

/** Asks the models of the context. A question that stays without an answer has a reply that says why. */
export const replyTo = (question: Question, group: string): Effect.Effect<Reply> =>
  question._tag === "Judge" ? judge(question, group) : compare(question, group)
