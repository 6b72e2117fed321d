/**
 * The program of `program.ts` over the client of `client-by-hand.ts`.
 */
import { Console, Effect, Option, Stream } from "effect"
import { Runs } from "./client-by-hand.ts"

const evalId = "eval_0123456789abcdef0123456789abcdef"

export const programByHand = Effect.gen(function* () {
  const runs = yield* Runs
  yield* Stream.runForEach(runs.list(evalId), (run) => Console.log(run.id, run.status))
  const { id } = yield* runs.create(evalId, {
    data_source: { type: "jsonl", source: { type: "file_id", id: "file-0123456789" } }
  })
  const last = yield* runs.changes(evalId, id).pipe(Stream.runLast, Effect.timeout("24 hours"))
  if (Option.isNone(last) || last.value.status !== "completed")
    return yield* Effect.die(new Error("it did not end well"))
  yield* Console.log(last.value.result_counts.passed)
})
