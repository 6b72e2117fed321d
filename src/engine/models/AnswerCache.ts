/**
 * Answers of models that are kept, so that the same request is not paid for twice.
 *
 * @internal
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Answer from "./Answer.ts"
import type { Api } from "./Entry.ts"
import type { Reason } from "./ModelError.ts"
import { Spending } from "./Spending.ts"

/** A request, as far as its answer depends on it. */
export interface Question {
  /** The address of the endpoint. */
  readonly endpoint: string
  readonly api: Api
  /** The body as it is sent. */
  readonly body: string
  /** How often the same was asked before on purpose. */
  readonly repetition: number
}

/** Answers that are kept. */
export interface Service {
  /** Returns the answer to a request; undefined if there is none. */
  readonly find: (question: Question) => Effect.Effect<string | undefined>
  /** Keeps the answer to a request. */
  readonly keep: (question: Question, answer: string) => Effect.Effect<void>
}

/** The cache of the engine. By default there is none. */
export const AnswerCache = Context.Reference<Service | undefined>("effect-evals/engine/models/AnswerCache", {
  defaultValue: () => undefined
})

/** Answers a request from the cache, or asks and keeps the answer. `sent` is the name of the model in the request. */
export const cached = (
  question: Question,
  sent: string,
  ask: Effect.Effect<Answer.Answer, Reason>
): Effect.Effect<Answer.Answer, Reason> =>
  Effect.gen(function* () {
    const cache = yield* AnswerCache
    if (cache === undefined) return yield* ask
    const kept = yield* cache.find(question)
    const read = kept === undefined ? undefined : Answer.read(question.api, kept, sent)
    if (read !== undefined && Result.isSuccess(read)) {
      const spending = yield* Spending
      spending.found()
      return { ...read.success, isCached: true }
    }
    const answer = yield* ask
    yield* cache.keep(question, answer.text)
    return answer
  })
