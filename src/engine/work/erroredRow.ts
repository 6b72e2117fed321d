/** @internal */
import * as Result from "effect/Result"
import type { ErrorCause } from "../../store/Runs.ts"
import * as Criteria from "../graders/Criteria.ts"
import * as Row from "../rows/Row.ts"

/** The row that stands for one that cannot be read. */
const unreadable: Row.Row = {
  item: {},
  sample: undefined,
  itemText: "{}",
  sampleText: undefined,
  odd: false,
  ignored: []
}

/** The output item of a row that is not judged, or could not be judged. Its item is empty where the line cannot be read. */
export const errored = (
  criteria: ReadonlyArray<Pick<Criteria.Criterion, "id">>,
  line: string | undefined,
  reason: ErrorCause
): Criteria.Errored => {
  const row = line === undefined ? undefined : Row.parse(line)
  const readable = row !== undefined && Result.isSuccess(row) ? row.success : unreadable
  return Criteria.errored(criteria, readable, reason.message, reason.code)
}
