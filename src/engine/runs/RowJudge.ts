/**
 * Judges single rows of a run. Rows that are ready at the same time are sent to a worker in one batch.
 */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import type * as Scope from "effect/Scope"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { CriterionReplies } from "../graders/Criteria.ts"
import type { Judged } from "../work/rowGrading.ts"
import { Workers } from "../work/Workers.ts"
import { Unrunnable } from "./StartedRun.ts"

/** A judged row, with the tokens of its sample and its judges. */
export interface JudgedRow {
  readonly judged: Judged
  readonly usage: ReadonlyArray<ModelUsage>
}

/** Judges the JSON of a row. `replies` has the replies to the questions of its criteria. */
export type RowJudge = (line: string, replies: ReadonlyArray<CriterionReplies>) => Effect.Effect<JudgedRow, Unrunnable>

/** The most rows of a batch. A batch also ends at about {@link unitsAtOnce} UTF-16 units. */
const rowsAtOnce = 64
const unitsAtOnce = 256 * 1024

/** The most workers that judge for one run at the same time. */
const workersAtOnce = 2

interface Task {
  readonly line: string
  readonly replies: ReadonlyArray<CriterionReplies>
  readonly judged: Deferred.Deferred<JudgedRow, Unrunnable>
}

const unable = ({ message }: { readonly message: string }): Unrunnable =>
  new Unrunnable({ code: "internal_error", message: `The rows could not be judged: ${message}.` })

const judgeAll = Effect.fnUntraced(function* (criteria: string, tasks: ReadonlyArray<Task>) {
  const workers = yield* Workers
  const rows = tasks.map(({ line }) => line).join("\n")
  const replies = tasks.flatMap(({ replies }, row) => (replies.length === 0 ? [] : [[row, replies] as const]))
  const { graded, usages } = yield* Effect.mapError(
    workers.grade(criteria, rows, { replies, usageByRow: true }),
    unable
  )
  const usageOf = new Map(usages)
  for (const [row, { judged }] of tasks.entries()) {
    const one = graded[row]
    const exit =
      one === undefined
        ? Effect.fail(unable({ message: "a worker left out a row" }))
        : Effect.succeed({ judged: one, usage: usageOf.get(row) ?? [] })
    yield* Deferred.completeWith(judged, exit)
  }
})

/** Returns the number of tasks at the front of a queue that form a batch. The others go back into the queue. */
const together = (tasks: ReadonlyArray<Task>): number => {
  let units = 0
  const end = tasks.findIndex(({ line }) => (units += line.length) > unitsAtOnce)
  return end === -1 ? tasks.length : Math.max(1, end)
}

/** Makes the judge of a run. It runs until the scope ends. */
export const make = (criteria: string): Effect.Effect<RowJudge, never, Workers | Scope.Scope> =>
  Effect.gen(function* () {
    const queue = yield* Queue.unbounded<Task>()
    const work = Effect.gen(function* () {
      let tasks: ReadonlyArray<Task> = yield* Queue.takeBetween(queue, 1, rowsAtOnce)
      while (tasks.length > 0) {
        const end = together(tasks)
        const part = tasks.slice(0, end)
        yield* judgeAll(criteria, part).pipe(
          Effect.catch((error) => Effect.forEach(part, ({ judged }) => Deferred.fail(judged, error), { discard: true }))
        )
        tasks = tasks.slice(end)
      }
    })
    for (let worker = 0; worker < workersAtOnce; worker++) yield* Effect.forkScoped(Effect.forever(work))
    return (line, replies) =>
      Effect.gen(function* () {
        const judged = yield* Deferred.make<JudgedRow, Unrunnable>()
        yield* Queue.offer(queue, { line, replies, judged })
        return yield* Deferred.await(judged)
      })
  })
