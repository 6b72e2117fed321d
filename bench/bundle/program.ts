/**
 * The program of the bundles: lists runs, creates one, and waits for it.
 */
import { Console, Effect, Stream } from "effect"
import { awaitRun, createRun, EvalId, listRuns } from "effect-evals"

const evalId = EvalId.make("eval_0123456789abcdef0123456789abcdef")

export const program = Effect.gen(function* () {
  yield* Stream.runForEach(listRuns(evalId, { limit: 100 }), (run) => Console.log(run.id, run.status))
  const { id } = yield* createRun(evalId, {
    data_source: { type: "jsonl", source: { type: "file_id", id: "file-0123456789" } }
  })
  const run = yield* awaitRun(evalId, id)
  yield* Console.log(run.result_counts.passed)
})
