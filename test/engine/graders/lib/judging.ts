/** Replies of judges, for tests. */
import { Result } from "effect"
import * as Criteria from "../../../../src/engine/graders/Criteria.ts"
import type { Question, Reply } from "../../../../src/engine/graders/Scored.ts"
import * as Answer from "../../../../src/engine/models/Answer.ts"
import { judged } from "../../../../src/engine/models/requests/sampled.ts"
import { sampleText } from "../../../../src/engine/models/samples.ts"
import * as Row from "../../../../src/engine/rows/Row.ts"

const fail = (message: string): never => {
  throw new Error(message)
}

/** The text of a judge's answer. */
export const judgement = (result: unknown): string => JSON.stringify({ steps: [], result })

/** The reason why a grader is refused. */
export const refused = (grader: unknown): Criteria.Unsupported => {
  const result = Criteria.compile([{ id: "id", grader }])
  if (Result.isSuccess(result)) throw new Error("the grader is not refused")
  return result.failure
}

/** The reply to a grader that asks a judge: a chat completion. */
export const sampled = (grader: unknown, completion: object): Reply => {
  const [first] = Criteria.models([{ id: "id", grader }])
  if (first?.asked._tag !== "Judge") throw new Error("the grader asks no judge")
  const { input, model, sampling } = first.asked
  const { request } = judged({ model, sampling_params: sampling }, input)
  const answer = Result.getOrThrow(Answer.read("chat", JSON.stringify(completion), model))
  return { _tag: "Sampled", sample: sampleText(request, answer) }
}

/** A row with all that the templates of the tests read. */
export const row = Result.getOrThrow(
  Row.parse(
    JSON.stringify({
      item: { label: "a cat", image: "https://host/a.png", sound: "UklG", file: "data:," },
      sample: { output_text: "A cat." }
    })
  )
)

/** Criteria of these graders. */
export const compiled = (...graders: ReadonlyArray<unknown>) =>
  Result.getOrThrow(Criteria.compile(graders.map((grader, index) => ({ id: `c-${index}`, grader }))))

/** The questions of a grader on the row. */
export const questionsOf = (grader: unknown): ReadonlyArray<Question> => {
  const judged = compiled(grader).judge(row)
  return judged.status === "asking"
    ? judged.questions.flatMap(({ questions }) => questions)
    : fail("the grader does not ask")
}

/** The item of the row, with one reply for the one grader. */
export const judgedBy = (grader: unknown, reply: Reply) => {
  const judged = compiled(grader).judge(row, [{ criterion: 0, replies: [reply] }])
  if (judged.status === "asking") return fail("the grader asks again")
  const { results } = JSON.parse(`{${judged.tail}`)
  return { ...judged, result: results[0] }
}
