/** @internal */
import * as Result from "effect/Result"
import type { ErrorCause } from "../../store/RunBatches.ts"
import * as Criteria from "../graders/Criteria.ts"
import * as Row from "../rows/Row.ts"

/** The substitute for a row that cannot be parsed. */
const unreadable: Row.Row = {
  item: {},
  sample: undefined,
  itemText: "{}",
  sampleText: undefined,
  odd: false,
  ignored: []
}

/** Makes the output item of a row that is not judged. Its `datasource_item` is empty if the line cannot be parsed. */
export const errored = (
  criteria: ReadonlyArray<Pick<Criteria.Criterion, "id">>,
  line: string | undefined,
  reason: ErrorCause
): Criteria.Errored => {
  const row = line === undefined ? undefined : Row.parse(line)
  const readable = row !== undefined && Result.isSuccess(row) ? row.success : unreadable
  return Criteria.errored(criteria, readable, reason.message, reason.code)
}
