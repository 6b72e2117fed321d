/** @internal */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as SqlClient from "effect/sql/SqlClient"
import { definitionText } from "../../schema/definitionText.ts"
import type * as Eval from "../../schema/Eval.ts"
import type { TestingCriterion } from "../../schema/Grader.ts"
import { storedThreshold } from "../../schema/graders/registry.ts"
import * as Evals from "../../store/Evals.ts"
import type { Caller } from "../../store/Projects.ts"
import * as Removals from "../../store/Removals.ts"
import { Changes } from "../runs/Changes.ts"
import * as Criteria from "../graders/Criteria.ts"
import { Models } from "../models/Models.ts"
import { Executor } from "../runs/Executor.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import { isActive } from "../runs/Lifecycle.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"
import { sampleSchema } from "../schemas/sampleSchema.ts"
import { Sweeper } from "./Sweeper.ts"
import { Workers } from "../work/Workers.ts"
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
  notStarted,
  type Noted,
  once,
  pageQuery,
  pageText,
  seconds,
  severalOf
} from "./shared.ts"
import { unaskableCriteria } from "./unaskableCriteria.ts"

/** Operations on evals. Their answers are JSON texts as they are served. */
export interface Operations {
  /** Creates an eval from any valid definition. A warning says why this engine would refuse a run of it. */
  readonly createEval: (caller: Caller, params: Eval.CreateParams, identity: Identity) => Answer<Noted<string>>
  readonly retrieveEval: (caller: Caller, evalId: string) => Answer<string>
  readonly updateEval: (caller: Caller, evalId: string, params: Eval.UpdateParams) => Answer<string>
  readonly deleteEval: (caller: Caller, evalId: string) => Answer<string>
  readonly listEvals: (caller: Caller, query: ListQuery & { readonly orderBy: Evals.OrderBy }) => Answer<Json>
}

const place = "/evals"

/** The most criteria of an eval. Each row is judged by all of them. */
export const mostCriteria = 1000

const anyObject = { type: "object" }

const configOf = (config: Eval.CreateParams["data_source_config"]): object => {
  if (config.type !== "custom") {
    return {
      type: config.type,
      schema: { type: "object", properties: { item: anyObject, sample: anyObject }, required: ["item", "sample"] },
      metadata: config.metadata ?? {}
    }
  }
  const withSample = config.include_sample_schema === true
  return {
    type: "custom",
    schema: {
      type: "object",
      properties: { item: config.item_schema, ...(withSample ? { sample: sampleSchema } : {}) },
      required: withSample ? ["item", "sample"] : ["item"]
    }
  }
}

const thresholdOf = (criterion: TestingCriterion): object => {
  const threshold = storedThreshold(criterion)
  return threshold === undefined ? {} : { pass_threshold: threshold }
}

/** Makes the operations over their services. */
export const make: Effect.Effect<
  Operations,
  never,
  SqlClient.SqlClient | Workers | IdGenerator | Executor | Changes | Sweeper
> = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const workers = yield* Workers
  const models = yield* Models
  const ids = yield* IdGenerator
  const executor = yield* Executor
  const changes = yield* Changes
  const sweeper = yield* Sweeper
  const withSql = Effect.provideService(SqlClient.SqlClient, sql)

  const bodyOf = Effect.fnUntraced(function* (id: string, createdAt: number, params: Eval.CreateParams) {
    const criteria = yield* Effect.forEach(
      params.testing_criteria,
      (grader) =>
        Effect.map(ids.uuid, (uuid) => ({
          ...thresholdOf(grader),
          ...grader,
          id: `${grader.name}-${uuid}`
        })),
      { concurrency: 1 }
    )
    return JSON.stringify({
      object: "eval",
      id,
      name: params.name ?? id,
      created_at: createdAt,
      data_source_config: configOf(params.data_source_config),
      testing_criteria: criteria,
      metadata: params.metadata ?? {}
    })
  })

  const deleted = (id: string, orderBy: Evals.OrderBy) => {
    const position = deletedPosition("eval_", id)
    return orderBy === "created_at" || position === undefined
      ? Effect.succeed(position)
      : Effect.fail(
          invalid(
            `after: ${JSON.stringify(id)} is not in this list; the time of the last change of a deleted eval is unknown. ` +
              'Pass the id of one that is there, or list by "created_at", where evals may be deleted meanwhile.',
            "after"
          )
        )
  }

  const textOf = (caller: Caller) => (id: string) => Effect.map(Evals.find(caller.project, id), (found) => found?.body)

  const schemaProblems = (schema: unknown): Effect.Effect<ReadonlyArray<string>, Rejection> =>
    Effect.matchEffect(workers.checkSchema(JSON.stringify(schema)), {
      onSuccess: () => Effect.succeed([]),
      onFailure: (error) =>
        error._tag === "InvalidItemSchema"
          ? error.unsupported
            ? Effect.succeed([`data_source_config.${error.message}`])
            : Effect.fail(invalid(`data_source_config.${error.message}`, `data_source_config.${error.path}`))
          : Effect.fail(
              notStarted(error) ??
                invalid(
                  `data_source_config.item_schema: cannot be used: ${error.message}`,
                  "data_source_config.item_schema"
                )
            )
    })

  /** Sentences about criteria that a run cannot be judged by. A criterion that contradicts itself is refused. */
  const criteriaProblems = (
    params: Eval.CreateParams["testing_criteria"]
  ): Effect.Effect<ReadonlyArray<string>, Rejection> => {
    const criteria = params.map((grader) => ({ id: grader.name, grader }))
    const unsupported = Criteria.unsupported(criteria)
    const wrong = unsupported.find(({ kind }) => kind === "invalid")
    return wrong === undefined
      ? Effect.succeed(
          [...unsupported, ...unaskableCriteria(models, Criteria.models(criteria))].map(({ message }) => message)
        )
      : Effect.fail(invalid(wrong.message, `testing_criteria[${wrong.index}]`))
  }

  const noted = (answer: string, problems: ReadonlyArray<string>): Noted<string> => ({
    answer,
    warnings: problems.length === 0 ? [] : [`a run of this eval is refused here: ${severalOf(problems)}`]
  })

  return {
    createEval: (caller, params, identity) =>
      Effect.gen(function* () {
        const known = yield* created(caller, place, identity, textOf(caller))
        if (known !== undefined) return noted(known, yield* criteriaProblems(params.testing_criteria))
        const { length } = params.testing_criteria
        if (length > mostCriteria) {
          return yield* invalid(
            `testing_criteria: holds ${length} criteria, and an eval takes ${mostCriteria}. Spread them over several evals.`,
            "testing_criteria"
          )
        }
        const config = params.data_source_config
        const problems = [
          ...(config.type === "custom" ? yield* schemaProblems(config.item_schema) : []),
          ...(yield* criteriaProblems(params.testing_criteria))
        ]
        const { createdAt, id } = yield* identified(ids, "eval_")
        const body = yield* bodyOf(id, createdAt, params)
        const { value } = yield* once(
          caller,
          place,
          identity,
          textOf(caller),
          Effect.as(Evals.insert(caller, { id, createdAt, body, definition: definitionText(params) }), {
            id,
            value: body
          })
        )
        return noted(value, problems)
      }).pipe(withSql),

    retrieveEval: (caller, evalId) => Effect.map(evalOf(caller.project, evalId), ({ body }) => body).pipe(withSql),

    updateEval: (caller, evalId, params) =>
      sql
        .withTransaction(
          Effect.gen(function* () {
            const { body, origin } = yield* evalOf(caller.project, evalId)
            yield* changeable(origin, evalId)
            const before: unknown = JSON.parse(body)
            const { metadata, name } = params
            const after = JSON.stringify({
              ...(typeof before === "object" ? before : {}),
              ...(Predicate.isNotNullish(name) ? { name } : {}),
              ...(Predicate.isNotNullish(metadata) ? { metadata } : {})
            })
            yield* Evals.update(caller.project, evalId, after, yield* seconds)
            return after
          })
        )
        .pipe(withSql),

    deleteEval: (caller, evalId) =>
      Effect.gen(function* () {
        const removed = yield* sql.withTransaction(
          Effect.gen(function* () {
            const { origin } = yield* evalOf(caller.project, evalId)
            yield* changeable(origin, evalId)
            const runs = yield* sql<{ readonly id: string; readonly status: string; readonly rowsFile: string | null }>`
              SELECT id, status, rows_file AS "rowsFile" FROM runs
              WHERE project = ${caller.project} AND eval_id = ${evalId}`
            const removals = yield* Effect.forEach(
              runs,
              ({ id, rowsFile }) => Removals.removeRun(caller.project, id, rowsFile),
              { concurrency: 1 }
            )
            yield* Evals.remove(caller.project, evalId)
            return { runs, removals: removals.flat() }
          })
        )
        for (const { id, status } of removed.runs) {
          if (isActive(status)) yield* executor.stop({ project: caller.project, runId: id })
          yield* changes.notify(id)
        }
        yield* sweeper.sweep(removed.removals)
        return JSON.stringify({ object: "eval.deleted", deleted: true, eval_id: evalId })
        // uninterruptible, so that removed runs are stopped and swept even if the client is gone
      }).pipe(Effect.uninterruptible, withSql),

    listEvals: (caller, query) =>
      Effect.gen(function* () {
        const page = yield* pageQuery(
          query,
          (id) => Evals.position(caller.project, id, query.orderBy),
          (id) => deleted(id, query.orderBy)
        )
        return pageText(yield* Evals.list(caller.project, page, query.orderBy))
      }).pipe(withSql)
  }
})
