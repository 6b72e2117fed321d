/**
 * Pages of lists with keyset pagination: a page starts after a position. Every page costs the same, and objects that
 * are added meanwhile do not shift it.
 */
import type * as SqlClient from "effect/sql/SqlClient"
import type { Fragment } from "effect/sql/Statement"

/** The order of a list. */
export type Order = "asc" | "desc"

/** The position of an object in a list: the value of the order column, then the id. */
export interface Position {
  readonly at: number
  readonly id: string
}

/** The query of a page. */
export interface PageQuery {
  /** The largest number of objects. */
  readonly limit: number
  readonly order: Order
  /** The position after which the page starts. */
  readonly after: Position | undefined
}

/** An object of a list, with the JSON that is served. */
export interface Listed {
  readonly id: string
  readonly body: string
}

/** A page of objects. `hasMore` tells whether another page follows. */
export interface Page<A extends Listed = Listed> {
  readonly rows: ReadonlyArray<A>
  readonly hasMore: boolean
}

/** Makes the clauses after the conditions, for a list that is ordered by `column` and then by id. */
export const behind = (sql: SqlClient.SqlClient, column: Fragment, { after, limit, order }: PageQuery): Fragment => {
  const direction = sql.literal(order === "asc" ? "ASC" : "DESC")
  const beyond =
    after === undefined
      ? sql``
      : order === "asc"
        ? sql`AND (${column}, id) > (${after.at}, ${after.id})`
        : sql`AND (${column}, id) < (${after.at}, ${after.id})`
  // one additional row shows whether there is another page
  return sql`${beyond} ORDER BY ${column} ${direction}, id ${direction} LIMIT ${limit + 1}`
}

/**
 * The approximate size limit of a page, 64 MiB. A page of large objects has fewer objects than requested, at least one.
 */
export const pageBytes = 64 * 1024 * 1024

/** Returns the number of leading objects that fit into a page. */
const fitting = (found: ReadonlyArray<Listed>, limit: number): number => {
  const most = Math.min(limit, found.length)
  let length = 0
  for (let count = 0; count < most; count++) {
    length += found[count]?.body.length ?? 0
    if (count > 0 && length > pageBytes) return count
  }
  return most
}

/** Makes a page from the rows of {@link behind}. */
export const pageOf = <A extends Listed>(found: ReadonlyArray<A>, { limit }: PageQuery): Page<A> => {
  const fit = fitting(found, limit)
  return { rows: found.length > fit ? found.slice(0, fit) : found, hasMore: found.length > fit }
}
