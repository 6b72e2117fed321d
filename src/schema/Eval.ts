/** Evals: the schema of rows, and the criteria that judge them. */
import * as Schema from "effect/Schema"
import { Grader, TestingCriterion } from "./Grader.ts"
import { EvalId } from "./Ids.ts"
import {
  JsonObject,
  JsonInput,
  maybe,
  Metadata,
  MetadataParam,
  open,
  openLiterals,
  Seconds,
  openUnion
} from "./Wire.ts"

/**
 * The shape of an eval's rows. A type that this version does not know is kept.
 *
 * @category schemas
 * @since 0.1.0
 */
export const DataSourceConfig = openUnion([
  open({
    type: Schema.Literal("custom"),
    schema: maybe(JsonObject),
    // the specification's own example of an eval gives back what was sent, in place of `schema`
    item_schema: maybe(JsonObject),
    include_sample_schema: maybe(Schema.Boolean)
  }),
  open({ type: Schema.Literal("logs"), schema: JsonObject, metadata: maybe(JsonObject) }),
  open({ type: Schema.Literal("stored_completions"), schema: JsonObject, metadata: maybe(JsonObject) })
])
/**
 * The shape of an eval's rows.
 *
 * @category models
 * @since 0.1.0
 */
export type DataSourceConfig = typeof DataSourceConfig.Type

/**
 * An eval. `created_at` is in Unix seconds.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Eval = open({
  id: EvalId,
  object: Schema.Literal("eval"),
  name: Schema.NullOr(Schema.String),
  created_at: Seconds,
  data_source_config: DataSourceConfig,
  testing_criteria: Schema.Array(Grader),
  metadata: Metadata
})
/**
 * An eval.
 *
 * @category models
 * @since 0.1.0
 */
export type Eval = typeof Eval.Type

/**
 * The answer to the deletion of an eval.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Deleted = open({
  object: maybe(openLiterals(["eval.deleted"])),
  deleted: Schema.Boolean,
  eval_id: maybe(EvalId)
})
/**
 * The answer to the deletion of an eval.
 *
 * @category models
 * @since 0.1.0
 */
export type Deleted = typeof Deleted.Type

/**
 * The definition of a new eval. `item_schema` is a JSON Schema of the rows'
 * `item`; `include_sample_schema` lets the criteria refer to `sample`.
 *
 * @category schemas
 * @since 0.1.0
 */
export const CreateParams = Schema.Struct({
  name: maybe(Schema.String),
  metadata: MetadataParam,
  data_source_config: Schema.Union([
    Schema.Struct({
      type: Schema.tag("custom"),
      item_schema: JsonInput,
      include_sample_schema: maybe(Schema.Boolean)
    }),
    Schema.Struct({ type: Schema.tag("logs"), metadata: maybe(JsonInput) }),
    Schema.Struct({ type: Schema.tag("stored_completions"), metadata: maybe(JsonInput) })
  ]).pipe(Schema.toTaggedUnion("type")),
  testing_criteria: Schema.Array(TestingCriterion)
})
/**
 * The definition of a new eval.
 *
 * @category models
 * @since 0.1.0
 */
export type CreateParams = typeof CreateParams.Type

/**
 * The fields of an eval that can be changed: its name and its metadata.
 *
 * @category schemas
 * @since 0.1.0
 */
export const UpdateParams = Schema.Struct({
  name: maybe(Schema.String),
  metadata: MetadataParam
})
/**
 * The fields of an eval that can be changed.
 *
 * @category models
 * @since 0.1.0
 */
export type UpdateParams = typeof UpdateParams.Type

/**
 * The parameters of a list of evals. `limit` is the size of a page: the host's default is 20, its maximum 100.
 *
 * @category schemas
 * @since 0.1.0
 */
export const ListParams = Schema.Struct({
  after: maybe(EvalId),
  limit: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  order: maybe(Schema.Literals(["asc", "desc"])),
  order_by: maybe(Schema.Literals(["created_at", "updated_at"]))
})
/**
 * The parameters of a list of evals.
 *
 * @category models
 * @since 0.1.0
 */
export type ListParams = typeof ListParams.Type
