/**
 * The lists of a host that an archive reads.
 *
 * @internal
 */
import type * as Effect from "effect/Effect"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import * as Raw from "../Raw.ts"
import { EvalId, FileId, OutputItemId, RunId } from "../schema/Ids.ts"

/** The host's largest page of evals, runs and output items. */
export const pageSize = 100

/** The host's largest page of files. */
export const filesPageSize = 1000

/** Reads the page after a cursor. The cursor is the id of the last object of the page before. */
export type HostList = (
  cursor: string | undefined,
  limit: number
) => Effect.Effect<Raw.RawPage, EvalsError, EvalsClient>

const after = <Id>(cursor: string | undefined, idOf: (text: string) => Id): { readonly after?: Id } =>
  cursor === undefined ? {} : { after: idOf(cursor) }

/** All evals. */
export const evals: HostList = (cursor, limit) => Raw.listEvalsPage({ limit, ...after(cursor, EvalId.make) })

/** The runs of an eval. */
export const runs =
  (evalId: string): HostList =>
  (cursor, limit) =>
    Raw.listRunsPage(EvalId.make(evalId), { limit, ...after(cursor, RunId.make) })

/** The order and the filter of a list of output items. */
export interface ItemQuery {
  readonly order: "asc" | "desc"
  readonly status?: "pass" | "fail"
}

/** The output items of a run. */
export const outputItems =
  (evalId: string, runId: string, query: ItemQuery): HostList =>
  (cursor, limit) =>
    Raw.listOutputItemsPage(EvalId.make(evalId), RunId.make(runId), {
      ...query,
      limit,
      ...after(cursor, OutputItemId.make)
    })

/** The files with purpose `evals`. */
export const files: HostList = (cursor, limit) =>
  Raw.listFilesPage({ purpose: "evals", limit, ...after(cursor, FileId.make) })
