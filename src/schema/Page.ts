/**
 * A page of a list.
 */
import * as Schema from "effect/Schema"
import { maybe, open } from "./Wire.ts"

/**
 * A page: its items, the ids of the first and the last, and whether more items follow. The id of the last item is the
 * cursor (`after`) of the next page.
 *
 * @category models
 * @since 0.1.0
 */
export interface Page<A> {
  readonly data: ReadonlyArray<A>
  readonly has_more: boolean
  readonly first_id?: string | null
  readonly last_id?: string | null
}

/**
 * The schema of a page of items.
 *
 * @category schemas
 * @since 0.1.0
 */
export const Page = <S extends Schema.Constraint>(item: S) =>
  open({
    object: maybe(Schema.String),
    data: Schema.Array(item),
    first_id: maybe(Schema.String),
    last_id: maybe(Schema.String),
    has_more: Schema.Boolean
  })
