/** @internal */
import type { DataSourceType } from "./DataSourceType.ts"

/** Rows whose samples are chat completions of a model. */
export const completions: DataSourceType = {
  type: "completions",
  does: "samples chat completions",
  readsFrom: ["file_content", "file_id"],
  requires: ["model", "input_messages"],
  needs: ["model"]
}
