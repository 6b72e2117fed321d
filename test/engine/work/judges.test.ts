import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import type { Grader } from "effect-evals"
import { replyTo } from "../../../src/engine/models/reply.ts"
import type { Judged, Replies } from "../../../src/engine/work/rowGrading.ts"
import { Workers, layer as workersLayer } from "../../../src/engine/work/Workers.ts"
import { completion } from "../../lib/modelServer.ts"
import { scripted } from "../../lib/scriptedModels.ts"
import { judgement } from "../graders/lib/judging.ts"

const judge: Grader.TestingCriterion = {
  type: "score_model",
  name: "score",
  model: "judge",
  input: [
    { role: "user", content: [{ type: "input_text", text: "Is {{ item.a }} é\ud800?" }, "{{ sample.output_text }}"] }
  ]
}
const near: Grader.TestingCriterion = {
  type: "text_similarity",
  name: "near",
  input: "{{ item.a }}",
  reference: "{{ item.b }}",
  evaluation_metric: "cosine"
}

const criteria = JSON.stringify([
  { id: "score-1", grader: judge },
  { id: "near-1", grader: near },
  {
    id: "is-1",
    grader: { type: "string_check", name: "is", input: "{{ item.a }}", reference: "x", operation: "eq" }
  }
])

const rows = [
  { item: { a: "x", b: "x" }, sample: { output_text: "yes" } },
  // neither of the models is asked
  { item: {}, sample: { output_text: "no" } },
  { item: { a: "y", b: "x" } },
  { item: { a: "x", b: "" }, sample: { output_text: "yes" } }
]
const lines = rows.map((row) => JSON.stringify(row)).join("\n")

const models = scripted({
  ask: () => ({ body: completion(judgement(0.75)) }),
  embed: (text) => (text === "x" ? [1, 0] : [0, 1])
})

/** Replies to all questions of rows. */
const repliesTo = (judged: ReadonlyArray<Judged>) =>
  Effect.forEach(
    judged.flatMap((one, row) => (one.status === "asking" ? [{ row, questions: one.questions }] : [])),
    ({ questions, row }) =>
      Effect.map(
        Effect.forEach(questions, (asked) =>
          Effect.map(
            Effect.forEach(asked.questions, (question) => replyTo(question, "evalrun_1")),
            // they are kept as JSON until the row is judged
            (replies) => ({ criterion: asked.criterion, replies: JSON.parse(JSON.stringify(replies)) })
          )
        ),
        (replies): Replies[number] => [row, replies]
      )
  ).pipe(Effect.provide(models.layer))

layer(workersLayer({ size: 1 }))("a worker process", (it) => {
  it.effect("says the questions of rows, and judges these rows once there are replies", () =>
    Effect.gen(function* () {
      const workers = yield* Workers
      const first = yield* workers.grade(criteria, lines)
      assert.deepStrictEqual(
        first.graded.map((one) =>
          one.status === "asking" ? one.questions.map(({ criterion }) => criterion) : one.status
        ),
        [[0, 1], "fail", [1], [0]]
      )
      assert.lengthOf(first.usage, 0)
      const second = yield* workers.grade(criteria, lines, { replies: yield* repliesTo(first.graded) })
      assert.deepStrictEqual(
        second.graded.map((one) => [one.status, ...(one.status === "asking" ? [] : one.passed)]),
        [
          ["pass", true, true, true],
          ["fail", false, false, false],
          ["fail", false, false, false],
          ["fail", true, false, true]
        ]
      )
      assert.deepStrictEqual(
        second.usage.map(({ invocation_count, model_name }) => [model_name, invocation_count]),
        [
          ["gpt-4.1-2025-04-14", 2],
          ["text-embedding-3-large-2024", 2]
        ]
      )
      assert.deepStrictEqual(
        models.calls.map(({ body }) => body["messages"]),
        ["yes", "yes"].map((said) => [
          {
            role: "user",
            content: [
              { type: "text", text: "Is x é\ud800?" },
              { type: "text", text: said }
            ]
          }
        ])
      )
    })
  )

  it.effect("runs a single grader in the same two steps", () =>
    Effect.gen(function* () {
      const workers = yield* Workers
      const params = { grader: judge, model_sample: "yes", item: { a: "x" } }
      const first = yield* workers.runGrader(params)
      const questions = "questions" in first ? first.questions : assert.fail("it asks nobody")
      const replies = yield* Effect.forEach(questions, (question) => replyTo(question, "g")).pipe(
        Effect.provide(models.layer)
      )
      const second = yield* workers.runGrader(params, replies)
      assert.strictEqual("questions" in second ? undefined : second.reward, 0.75)
    })
  )
})
