/**
 * The ids of the API. Each kind has a brand of its own: the id of a run is a type error where the id of an eval is
 * expected.
 *
 * A response is never refused for the form of an id. An id that cannot stand in
 * a path (empty, `.`, `..`) is refused before a request is made.
 */
import * as Schema from "effect/Schema"

/**
 * The id of an eval, `eval_…` on the hosted service.
 *
 * **Example** (An id from a string)
 *
 * ```ts
 * import { EvalId } from "effect-evals"
 *
 * export const evalId = EvalId.make("eval_68148f1f19788190b23bd7f696b4cbb8")
 * ```
 *
 * @category schemas
 * @since 0.1.0
 */
export const EvalId = Schema.String.pipe(Schema.brand("EvalId"))
/**
 * The id of an eval, `eval_…` on the hosted service.
 *
 * @category models
 * @since 0.1.0
 */
export type EvalId = typeof EvalId.Type

/**
 * The id of a run, `evalrun_…` on the hosted service.
 *
 * @category schemas
 * @since 0.1.0
 */
export const RunId = Schema.String.pipe(Schema.brand("RunId"))
/**
 * The id of a run, `evalrun_…` on the hosted service.
 *
 * @category models
 * @since 0.1.0
 */
export type RunId = typeof RunId.Type

/**
 * The id of an output item, `outputitem_…` on the hosted service.
 *
 * @category schemas
 * @since 0.1.0
 */
export const OutputItemId = Schema.String.pipe(Schema.brand("OutputItemId"))
/**
 * The id of an output item, `outputitem_…` on the hosted service.
 *
 * @category models
 * @since 0.1.0
 */
export type OutputItemId = typeof OutputItemId.Type

/**
 * The id of an uploaded file, `file-…` on the hosted service.
 *
 * @category schemas
 * @since 0.1.0
 */
export const FileId = Schema.String.pipe(Schema.brand("FileId"))
/**
 * The id of an uploaded file, `file-…` on the hosted service.
 *
 * @category models
 * @since 0.1.0
 */
export type FileId = typeof FileId.Type
