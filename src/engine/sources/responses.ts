/** @internal */
import type { DataSourceType } from "./DataSourceType.ts"

/** Rows whose samples are responses of a model. */
export const responses: DataSourceType = {
  type: "responses",
  does: "samples responses",
  readsFrom: ["file_content", "file_id"],
  requires: ["model", "input_messages"],
  needs: ["model"]
}
