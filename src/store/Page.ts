/**
 * Pages of a list, by the position of the last object of the page before: a page
 * costs the same wherever in the list it is, and objects that are added meanwhile
 * shift nothing.
 */
import type * as SqlClient from "effect/sql/SqlClient"
import type { Fragment } from "effect/sql/Statement"

/** In which order a list is read. */
export type Order = "asc" | "desc"

/** The place of an object in its list: what the list is ordered by, then the id. */
export interface Position {
  readonly at: number
  readonly id: string
}

/** Which page of a list. */
export interface PageQuery {
  /** The most objects. */
  readonly limit: number
  readonly order: Order
  /** The position that the page begins behind. */
  readonly after: Position | undefined
}

/** An object of a list, as it is served. */
export interface Listed {
  readonly id: string
  readonly body: string
}

/** A page: its objects, and whether there are more behind them. */
export interface Page<A extends Listed = Listed> {
  readonly rows: ReadonlyArray<A>
  readonly hasMore: boolean
}

/** The clauses behind the conditions of a list that is ordered by `column`, then by id. */
export const behind = (sql: SqlClient.SqlClient, column: Fragment, { after, limit, order }: PageQuery): Fragment => {
  const direction = sql.literal(order === "asc" ? "ASC" : "DESC")
  const beyond =
    after === undefined
      ? sql``
      : order === "asc"
        ? sql`AND (${column}, id) > (${after.at}, ${after.id})`
        : sql`AND (${column}, id) < (${after.at}, ${after.id})`
  // one more than is asked for tells whether there is more
  return sql`${beyond} ORDER BY ${column} ${direction}, id ${direction} LIMIT ${limit + 1}`
}

/**
 * How many bytes, about, the objects of a page may have together, 64 Mi: a page of
 * large objects has fewer of them than were asked for, and at least one.
 */
export const pageBytes = 64 * 1024 * 1024

/** How many objects from the first on fit into a page. */
const fitting = (found: ReadonlyArray<Listed>, limit: number): number => {
  const most = Math.min(limit, found.length)
  let length = 0
  for (let count = 0; count < most; count++) {
    length += found[count]?.body.length ?? 0
    if (count > 0 && length > pageBytes) return count
  }
  return most
}

/** Makes a page of the objects that {@link behind} found. */
export const pageOf = <A extends Listed>(found: ReadonlyArray<A>, { limit }: PageQuery): Page<A> => {
  const fit = fitting(found, limit)
  return { rows: found.length > fit ? found.slice(0, fit) : found, hasMore: found.length > fit }
}
