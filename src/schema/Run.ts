/** Runs. Each is one execution of an eval over the rows of a data source. */
import * as Schema from "effect/Schema"
import { DataSource, DataSourceParam } from "./DataSource.ts"
import { EvalId, RunId } from "./Ids.ts"
import { Count, maybe, Metadata, MetadataParam, open, openLiterals, Seconds } from "./Wire.ts"

/**
 * The status of a run. Statuses that this version does not know are accepted too.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunStatus = openLiterals(["queued", "in_progress", "completed", "canceled", "failed"])
/**
 * The status of a run.
 *
 * @category models
 * @since 0.1.0
 */
export type RunStatus = typeof RunStatus.Type

/**
 * Numbers of items by outcome. `total` counts the executed items. All numbers are zero while the run is queued.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ResultCounts = open({ total: Count, errored: Count, failed: Count, passed: Count })
/**
 * Numbers of items by outcome.
 *
 * @category models
 * @since 0.1.0
 */
export type ResultCounts = typeof ResultCounts.Type

/**
 * The rows of a run: an extension of this project's engine, which a host does not send. `total` is known as soon as the
 * run is created. The progress is `total - not_judged` of `total`. In a canceled or failed run, `not_judged` counts the
 * rows that were never judged.
 *
 * **Example** (The progress of a run, from 0 to 1)
 *
 * ```ts
 * import type { Run } from "effect-evals"
 *
 * export const progress = ({ evals_rows }: Run.Run): number | undefined =>
 *   evals_rows === undefined || evals_rows === null ? undefined : 1 - evals_rows.not_judged / evals_rows.total
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunRows = open({ total: Count, not_judged: Count })
/**
 * The rows of a run.
 *
 * @category models
 * @since 0.1.0
 */
export type RunRows = typeof RunRows.Type

/**
 * The usage of one model. Counts are tokens.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ModelUsage = open({
  model_name: Schema.String,
  invocation_count: Count,
  prompt_tokens: Count,
  completion_tokens: Count,
  total_tokens: Count,
  cached_tokens: Count
})
/**
 * The usage of one model.
 *
 * @category models
 * @since 0.1.0
 */
export type ModelUsage = typeof ModelUsage.Type

/**
 * Numbers of items that passed and failed one criterion. `testing_criteria` is the criterion's id, `<name>-<uuid>`.
 * Newer answers repeat it as `testing_criteria_id`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CriterionResult = open({
  testing_criteria: Schema.String,
  testing_criteria_id: maybe(Schema.String),
  passed: Count,
  failed: Count
})
/**
 * Numbers of items that passed and failed one criterion.
 *
 * @category models
 * @since 0.1.0
 */
export type CriterionResult = typeof CriterionResult.Type

/**
 * The reason why a run failed, or why an item could not be sampled.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ApiError = open({ code: maybe(Schema.String), message: Schema.String })
/**
 * The reason why a run failed, or why an item could not be sampled.
 *
 * @category models
 * @since 0.1.0
 */
export type ApiError = typeof ApiError.Type

/**
 * A run. The host sends null for some lists and objects of its specification: `error` of a run without an error, usage
 * and results of a queued run.
 *
 * **Example** (The share of items that passed)
 *
 * ```ts
 * import type { Run } from "effect-evals"
 *
 * export const passRate = ({ result_counts: { passed, total } }: Run.Run): number =>
 *   total === 0 ? 0 : passed / total
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const Run = open({
  id: RunId,
  object: Schema.Literal("eval.run"),
  eval_id: EvalId,
  status: RunStatus,
  model: Schema.NullOr(Schema.String),
  name: Schema.NullOr(Schema.String),
  created_at: Seconds,
  report_url: maybe(Schema.String),
  result_counts: ResultCounts,
  per_model_usage: maybe(Schema.Array(ModelUsage)),
  per_testing_criteria_results: maybe(Schema.Array(CriterionResult)),
  data_source: maybe(DataSource),
  metadata: Metadata,
  error: maybe(ApiError),
  shared_with_openai: maybe(Schema.Boolean),
  evals_rows: maybe(RunRows)
})
/**
 * A run.
 *
 * @category models
 * @since 0.1.0
 */
export type Run = typeof Run.Type

/**
 * Whether a run in this status has ended: `completed`, `canceled` or `failed`. A status that this version does not know
 * counts as unfinished.
 *
 * **Example** (Asking a status)
 *
 * ```ts
 * import { Run } from "effect-evals"
 *
 * Run.isTerminal("in_progress") // => false
 * ```
 *
 * @category guards
 * @since 0.1.0
 */
export const isTerminal = (status: RunStatus): boolean =>
  status === "completed" || status === "canceled" || status === "failed"

/**
 * The answer to the deletion of a run.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Deleted = open({
  object: maybe(openLiterals(["eval.run.deleted"])),
  deleted: maybe(Schema.Boolean),
  run_id: maybe(RunId)
})
/**
 * The answer to the deletion of a run.
 *
 * @category models
 * @since 0.1.0
 */
export type Deleted = typeof Deleted.Type

/**
 * The definition of a new run.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateParams = Schema.Struct({
  name: maybe(Schema.String),
  metadata: MetadataParam,
  data_source: DataSourceParam
})
/**
 * The definition of a new run.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateParams = typeof CreateParams.Type

/**
 * The parameters of a list of runs. `limit` is the size of a page: the host's default is 20, its maximum 100.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListParams = Schema.Struct({
  after: maybe(RunId),
  limit: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  order: maybe(Schema.Literals(["asc", "desc"])),
  status: maybe(Schema.Literals(["queued", "in_progress", "completed", "canceled", "failed"]))
})
/**
 * The parameters of a list of runs.
 *
 * @category models
 * @since 0.1.0
 */
export type ListParams = typeof ListParams.Type
