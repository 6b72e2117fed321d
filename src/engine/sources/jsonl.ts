/** @internal */
import type { DataSourceType } from "./DataSourceType.ts"

/** Rows that bring their samples, if their criteria read them. */
export const jsonl: DataSourceType = {
  type: "jsonl",
  does: "grades rows that are complete",
  readsFrom: ["file_content", "file_id"],
  requires: [],
  needs: []
}
