/** Counts the objects that an archive would save. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import * as Raw from "../Raw.ts"
import { integerAt, stringAt } from "../schema/fields.ts"
import type { EvalId } from "../schema/Ids.ts"
import { isTerminal } from "../schema/Run.ts"
import * as AdaptiveConcurrency from "./AdaptiveConcurrency.ts"
import { forEachPage } from "./forEachPage.ts"
import * as hostLists from "./hostLists.ts"
import type { Problem } from "./Report.ts"

/** The number of output items by outcome, from the counts of the runs. */
export interface Items {
  readonly total: number
  readonly passed: number
  readonly failed: number
  readonly errored: number
}

/**
 * An eval that an archive would save.
 *
 * @category models
 * @since 0.1.0
 */
export interface EvalPlan {
  readonly id: string
  readonly name: string
  readonly runs: number
  /** The number of runs that have not ended. Their items are not complete yet. */
  readonly unfinishedRuns: number
  readonly items: Items
}

/**
 * The number of objects that an archive would save.
 *
 * @category models
 * @since 0.1.0
 */
export interface Plan {
  readonly evals: ReadonlyArray<EvalPlan>
  readonly runs: number
  readonly unfinishedRuns: number
  readonly items: Items
  readonly files: number
  /** The total size of the files. */
  readonly fileBytes: number
  /** Lists that cannot be read. */
  readonly failed: ReadonlyArray<Problem>
  /**
   * The number of requests of an archive into an empty database, and their estimated duration at the speed of the
   * lists.
   */
  readonly requests: number
  readonly seconds: number
}

type Listing<A> = Effect.Effect<A, EvalsError, EvalsClient>

const noItems: Items = { total: 0, passed: 0, failed: 0, errored: 0 }

const add = (one: Items, other: Items): Items => ({
  total: one.total + other.total,
  passed: one.passed + other.passed,
  failed: one.failed + other.failed,
  errored: one.errored + other.errored
})

const itemsOf = (run: unknown): Items => {
  const count = (name: string) => integerAt(run, ["result_counts", name], 0)
  return { total: count("total"), passed: count("passed"), failed: count("failed"), errored: count("errored") }
}

/** The number of retries of a request. A plan has no later round of retries, unlike an archive. */
const repeats = 5

/**
 * Lists evals, runs and files, and counts the objects that an archive would save. Reads no output items and writes
 * nothing.
 *
 * **Example** (How much there is)
 *
 * ```ts
 * import { Effect, Layer } from "effect"
 * import { FetchHttpClient } from "effect/http"
 * import { EvalsClient } from "effect-evals"
 * import { plan } from "effect-evals/archive"
 *
 * export const items = Effect.map(plan(), ({ items }) => items.total).pipe(
 *   Effect.provide(EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const plan = (
  options: {
    /** Only these evals and their runs. Default: all evals, and all files with purpose `evals`. */
    readonly evalIds?: ReadonlyArray<EvalId> | undefined
    /** Only the files with purpose `evals`. Default false. */
    readonly filesOnly?: boolean | undefined
    /** The limit of concurrent requests. Default 16. */
    readonly concurrency?: number | undefined
  } = {}
): Effect.Effect<Plan, never, EvalsClient> =>
  Effect.gen(function* () {
    const concurrency = options.concurrency ?? 16
    const requests = yield* AdaptiveConcurrency.make(concurrency, repeats)
    const failed: Array<Problem> = []
    const evals: Array<EvalPlan> = []
    let listed = 0
    let waited = 0
    let itemPages = 0
    let files = 0
    let fileBytes = 0

    const timed = <A>(request: Listing<A>): Listing<A> =>
      requests.run(
        Effect.gen(function* () {
          const before = yield* Clock.currentTimeMillis
          const found = yield* request
          waited += (yield* Clock.currentTimeMillis) - before
          listed++
          return found
        })
      )

    const all = (
      list: hostLists.HostList,
      pageSize: number,
      each: (object: Raw.RawObject) => Effect.Effect<void, never, EvalsClient>
    ): Listing<void> =>
      forEachPage(
        (cursor) => timed(list(cursor, pageSize)),
        ({ data }) => Effect.forEach(data, each, { concurrency, discard: true })
      )

    const named = (kind: Problem["kind"], id: string, work: Listing<void>) =>
      Effect.catch(work, (error) =>
        Effect.sync(
          () =>
            void failed.push({
              kind,
              id,
              message: error.message,
              isRetryable: error.isRetryable,
              ...(error.hasEnded ? { hasEnded: true } : {})
            })
        )
      )

    const readEval = ({ id, value }: Raw.RawObject) => {
      let runs = 0
      let unfinishedRuns = 0
      let items = noItems
      return named(
        "evals",
        id,
        all(hostLists.runs(id), hostLists.pageSize, (run) =>
          Effect.sync(() => {
            const counts = itemsOf(run.value)
            runs++
            if (!isTerminal(stringAt(run.value, "status"))) unfinishedRuns++
            items = add(items, counts)
            itemPages += Math.max(1, Math.ceil(counts.total / hostLists.pageSize))
          })
        )
      ).pipe(
        Effect.andThen(
          Effect.sync(() => void evals.push({ id, name: stringAt(value, "name"), runs, unfinishedRuns, items }))
        )
      )
    }

    const readFiles = named(
      "files",
      "*",
      all(hostLists.files, hostLists.filesPageSize, ({ value }) =>
        Effect.sync(() => {
          files++
          fileBytes += integerAt(value, ["bytes"], 0)
        })
      )
    )

    if (options.filesOnly === true) yield* readFiles
    else if (options.evalIds === undefined) {
      const readEvals = all(hostLists.evals, hostLists.pageSize, readEval)
      yield* Effect.all([named("evals", "*", readEvals), readFiles], { concurrency: 2, discard: true })
    } else {
      yield* Effect.forEach(
        options.evalIds,
        (evalId) =>
          Effect.flatMap(Effect.result(timed(Raw.retrieveEval(evalId))), (found) =>
            found._tag === "Success" ? readEval(found.success) : named("evals", evalId, Effect.fail(found.failure))
          ),
        { concurrency, discard: true }
      )
    }

    const needed = listed + itemPages + files
    return {
      evals: evals.toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      runs: evals.reduce((sum, { runs }) => sum + runs, 0),
      unfinishedRuns: evals.reduce((sum, { unfinishedRuns }) => sum + unfinishedRuns, 0),
      items: evals.reduce((sum, { items }) => add(sum, items), noItems),
      files,
      fileBytes,
      failed,
      requests: needed,
      seconds: (needed * (listed === 0 ? 0 : waited / listed)) / concurrency / 1000
    }
  })
