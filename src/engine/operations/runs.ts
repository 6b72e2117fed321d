/** @internal */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import * as Evals from "../../store/Evals.ts"
import * as Files from "../../store/Files.ts"
import type { Caller } from "../../store/Projects.ts"
import * as Removals from "../../store/Removals.ts"
import * as Runs from "../../store/Runs.ts"
import * as RunUsage from "../../store/RunUsage.ts"
import type { Ceilings } from "../models/Spending.ts"
import { Changes } from "../runs/Changes.ts"
import * as EvalText from "../texts/EvalText.ts"
import * as RunStatus from "../runs/RunStatus.ts"
import { Executor } from "../runs/Executor.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import { isActive } from "../runs/Lifecycle.ts"
import { notFound, type Rejection } from "../texts/Rejection.ts"
import { ReportUrl } from "../texts/ReportUrl.ts"
import * as RunText from "../texts/RunText.ts"
import { services } from "../runs/services.ts"
import { statesOf } from "./runStates.ts"
import { Sweeper } from "./Sweeper.ts"
import type { Workers } from "../work/Workers.ts"
import { checkPrices } from "./priceCheck.ts"
import * as RowCheck from "./rowCheck.ts"
import * as Text from "./servedRun.ts"
import {
  type Answer,
  changeable,
  created,
  deletedPosition,
  evalOf,
  identified,
  type Identity,
  type Json,
  type ListQuery,
  once,
  pageQuery
} from "./shared.ts"

/** The parameters of a new run. */
export interface CreateRun {
  readonly name: string | undefined
  readonly metadata: { readonly [key: string]: string }
  /** The data source for answers. It has no rows, even if the request brought some. */
  readonly dataSource: DataSourceParam
  /** The ceilings of this run, beside those of the engine. */
  readonly ceilings: Ceilings
  /** The rows of the request, one a line without blank lines; undefined if the rows are in a file. */
  readonly rows: Uint8Array | undefined
}

/** A new run. */
export interface CreatedRun {
  readonly run: Json
  /** Keys of its rows other than `item` and `sample`, which the engine ignores. Not all of them if there are many. */
  readonly unknownKeys: ReadonlyArray<string>
  /** Warnings for the sender of the request. */
  readonly warnings: ReadonlyArray<string>
}

/** Operations on runs. Answers are JSON as it is served. */
export interface Operations {
  readonly createRun: (caller: Caller, evalId: string, params: CreateRun, identity: Identity) => Answer<CreatedRun>
  readonly retrieveRun: (caller: Caller, evalId: string, runId: string) => Answer<Json>
  readonly cancelRun: (caller: Caller, evalId: string, runId: string) => Answer<Json>
  readonly deleteRun: (caller: Caller, evalId: string, runId: string) => Answer<string>
  readonly listRuns: (
    caller: Caller,
    evalId: string,
    query: ListQuery & { readonly status: string | undefined }
  ) => Answer<Json>
  /**
   * The run at each change, without the rows of its request. The first is its present state. The stream ends with the
   * last state, or when the run is deleted.
   */
  readonly watchRun: (caller: Caller, evalId: string, runId: string) => Answer<Stream.Stream<string, SqlError>>
}

/** The services of the operations on runs. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Executor | Changes | Sweeper

/** Returns a run of an eval. Refuses the request if there is none. */
export const runOf = Effect.fnUntraced(function* (
  project: number,
  evalId: string,
  runId: string
): Effect.fn.Return<Runs.StoredRun, Rejection | SqlError, SqlClient.SqlClient> {
  const found = yield* Runs.find(project, evalId, runId)
  if (found !== undefined) return found
  const known = yield* Evals.find(project, evalId)
  return yield* known === undefined ? notFound("eval", evalId) : notFound("run", runId, ` of eval ${evalId}`)
})

/** Makes the operations over their services. */
export const make: Effect.Effect<Operations, never, Needs> = Effect.gen(function* () {
  const context = yield* services<Needs>()
  const sql = yield* SqlClient.SqlClient
  const ids = yield* IdGenerator
  const executor = yield* Executor
  const changes = yield* Changes
  const sweeper = yield* Sweeper
  const reportUrl = yield* ReportUrl
  const provided = Effect.provideContext(context)

  const json = (made: Text.Served): Json => (typeof made === "string" ? made : Stream.provideContext(made, context))

  const stored = (caller: Caller) => (id: string) => Runs.findById(caller.project, id)

  const insert = Effect.fnUntraced(function* (
    caller: Caller,
    evalId: string,
    params: CreateRun,
    checked: RowCheck.Checked
  ) {
    const { createdAt, id } = yield* identified(ids, "evalrun_")
    const model = checked.model
    const name = params.name ?? (model === "" ? id : model)
    const body = RunText.queued({
      id,
      evalId,
      createdAt,
      name,
      model,
      metadata: params.metadata,
      reportUrl: reportUrl(evalId, id),
      rows: checked.rows,
      dataSource: params.rows === undefined ? params.dataSource : RunText.withRowsLast(params.dataSource)
    })
    let rowsFile: string | null = null
    if (params.rows !== undefined) {
      rowsFile = yield* ids.next("file-")
      const written = yield* Files.write(caller.project, rowsFile, Stream.succeed(params.rows))
      yield* Files.insert(caller, {
        id: rowsFile,
        createdAt,
        origin: "rows",
        filename: `${id}.jsonl`,
        purpose: "evals",
        expiresAt: null,
        body: JSON.stringify({ object: "file", id: rowsFile, run_id: id, bytes: written.bytes }),
        ...written
      })
    }
    yield* Runs.insert(caller, { id, evalId, createdAt, status: "queued", body, rowsFile })
    if (Object.keys(params.ceilings).length > 0) {
      yield* RunUsage.insertCeilings(caller.project, id, JSON.stringify(params.ceilings))
    }
    const run: Runs.StoredRun = {
      id,
      evalId,
      status: "queued",
      origin: "engine",
      createdBy: caller.createdBy,
      rowsFile,
      body,
      usage: null
    }
    return { id, value: run }
  })

  const event = Effect.fnUntraced(function* (project: number, evalId: string, runId: string) {
    return yield* sql.withTransaction(
      Effect.gen(function* () {
        const run = yield* runOf(project, evalId, runId)
        if (!isActive(run.status)) return run
        yield* changeable(run.origin, runId)
        const one = yield* Evals.find(project, evalId)
        const criteria = one === undefined ? [] : EvalText.criteriaOf(one.body).map(({ id }) => id)
        return yield* RunStatus.settle(run, project, "cancel", criteria, null)
      })
    )
  })

  const stopped = Effect.fnUntraced(function* (project: number, runId: string) {
    yield* executor.stop({ project, runId })
    yield* changes.notify(runId)
  })

  return {
    createRun: (caller, evalId, params, identity) =>
      Effect.gen(function* () {
        const place = `/evals/${evalId}/runs`
        const known = yield* created(caller, place, identity, stored(caller))
        if (known !== undefined)
          return { run: json(yield* Text.one(caller.project, known)), unknownKeys: [], warnings: [] }
        const { body } = yield* evalOf(caller.project, evalId)
        const checked = yield* RowCheck.check(caller.project, body, params.dataSource, params.rows)
        yield* checkPrices(body, params.dataSource, params.ceilings)
        // uninterruptible, so that every stored run is started
        const run = yield* Effect.uninterruptible(
          Effect.gen(function* () {
            const made = yield* once(
              caller,
              place,
              identity,
              stored(caller),
              Effect.gen(function* () {
                // the eval and the file may have been deleted during the check
                yield* evalOf(caller.project, evalId)
                yield* checked.still
                return yield* insert(caller, evalId, params, checked)
              })
            )
            if (made.fresh) {
              const creator = Option.getOrUndefined(yield* Effect.option(Effect.currentParentSpan))
              yield* executor.start({ project: caller.project, runId: made.value.id }, creator)
            }
            return made.value
          })
        )
        const { unknownKeys, warnings } = checked
        return { run: json(yield* Text.one(caller.project, run)), unknownKeys, warnings }
      }).pipe(provided),

    retrieveRun: (caller, evalId, runId) =>
      runOf(caller.project, evalId, runId).pipe(
        Effect.flatMap((run) => Text.one(caller.project, run)),
        Effect.map(json),
        provided
      ),

    cancelRun: (caller, evalId, runId) =>
      Effect.gen(function* () {
        const run = yield* Effect.uninterruptible(
          Effect.tap(event(caller.project, evalId, runId), (after) =>
            after.status === "canceled" && after.origin === "engine" ? stopped(caller.project, runId) : Effect.void
          )
        )
        // what was spent is known once the execution has ended
        return json(yield* Text.one(caller.project, (yield* Runs.findById(caller.project, runId)) ?? run))
      }).pipe(provided),

    deleteRun: (caller, evalId, runId) =>
      Effect.gen(function* () {
        yield* Effect.uninterruptible(
          Effect.gen(function* () {
            const { active, removals } = yield* sql.withTransaction(
              Effect.gen(function* () {
                const run = yield* runOf(caller.project, evalId, runId)
                yield* changeable(run.origin, runId)
                return {
                  active: isActive(run.status),
                  removals: yield* Removals.removeRun(caller.project, runId, run.rowsFile)
                }
              })
            )
            if (active) yield* stopped(caller.project, runId)
            yield* sweeper.sweep(removals)
          })
        )
        return JSON.stringify({ object: "eval.run.deleted", deleted: true, run_id: runId })
      }).pipe(provided),

    listRuns: (caller, evalId, query) =>
      Effect.gen(function* () {
        yield* evalOf(caller.project, evalId)
        const page = yield* pageQuery(
          query,
          (id) => Runs.position(caller.project, evalId, id),
          (id) =>
            Effect.map(Runs.findById(caller.project, id), (elsewhere) =>
              elsewhere === undefined ? deletedPosition("evalrun_", id) : undefined
            )
        )
        const found = yield* Runs.list(caller.project, evalId, page, query.status)
        return json(yield* Text.page(caller.project, found))
      }).pipe(provided),

    watchRun: (caller, evalId, runId) =>
      Effect.map(Effect.provideContext(runOf(caller.project, evalId, runId), context), () =>
        Stream.provideContext(statesOf(caller.project, runId), context)
      )
  }
})
