/**
 * Reads the items of a run that failed, or else those that errored, for its report.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { collectFailures, type Failures, mostExamples, none } from "../report/failures.ts"
import { isErrored } from "../report/problem.ts"
import type * as Eval from "../schema/Eval.ts"
import type * as Run from "../schema/Run.ts"
import { explained, isItem, rawItems } from "./rawItems.ts"

/** The most items that are read. A host serves a hundred per request. */
const most = { file: 10_000, host: 1000 } as const

/** The most bytes of items that are read. */
const mostBytes = 64 * 1024 * 1024

const failed = (one: Eval.Eval, { eval_id, id }: Run.Run, embedded: boolean) => {
  const collector = collectFailures(one)
  let bytes = 0
  return rawItems(eval_id, id, { status: "fail" }).pipe(
    Stream.take(embedded ? most.file : most.host),
    Stream.takeUntil((found) => (bytes += found.bytes.length) > mostBytes),
    Stream.runForEach(({ bytes: text, value }) =>
      Effect.sync(() =>
        collector.add(
          isItem(value) ? { item: value, explanations: explained(one.testing_criteria, value, text) } : undefined
        )
      )
    ),
    Effect.map(() => collector.failures())
  )
}

// a host can filter its list by failed items, but not by errored ones
const errored = ({ eval_id, id }: Run.Run) =>
  rawItems(eval_id, id, {}).pipe(
    Stream.take(most.host),
    Stream.filterMap(({ value }) => (isItem(value) && isErrored(value) ? Result.succeed(value) : Result.fail(value))),
    Stream.take(mostExamples),
    Stream.runCollect,
    Effect.map((items): Failures => ({ ...none, examples: items.map((item) => ({ item, explanations: [] })) }))
  )

/** Reads items that failed, or else errored. `embedded` says that the items are in a file of this machine. */
export const fetchFailures = (
  one: Eval.Eval,
  run: Run.Run,
  embedded: boolean
): Effect.Effect<Failures, EvalsError, EvalsClient> =>
  run.result_counts.failed > 0
    ? failed(one, run, embedded)
    : run.result_counts.errored > 0
      ? errored(run)
      : Effect.succeed(none)
