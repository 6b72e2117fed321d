/** @internal */
import * as Result from "effect/Result"
import * as Criteria from "../graders/Criteria.ts"
import * as Row from "../rows/Row.ts"

/** Stands for a row that cannot be read. */
const unreadable: Row.Row = {
  item: {},
  sample: undefined,
  itemText: "{}",
  sampleText: undefined,
  odd: false,
  ignored: []
}

/** The item of a row that is not judged, or could not be; of a line that cannot be read it is empty. */
export const errored = (
  criteria: ReadonlyArray<Pick<Criteria.Criterion, "id">>,
  line: string | undefined,
  reason: { readonly code: string; readonly message: string }
): Criteria.Errored => {
  const row = line === undefined ? undefined : Row.parse(line)
  const readable = row !== undefined && Result.isSuccess(row) ? row.success : unreadable
  return Criteria.errored(criteria, readable, reason.message, reason.code)
}
