/**
 * `jsonl`: rows that bring their samples.
 *
 * @internal
 */
import * as Schema from "effect/Schema"
import { open } from "../Wire.ts"
import { FileContent, FileReference, Source } from "./source.ts"

/** A `jsonl` data source in a response. */
export const Read = open({ type: Schema.Literal("jsonl"), source: Source })

/** A `jsonl` data source in a request. */
export const Param = Schema.Struct({
  type: Schema.tag("jsonl"),
  source: Schema.Union([FileContent, FileReference]).pipe(Schema.toTaggedUnion("type"))
})

/** Rows bring their samples. */
export const samplesModel = false
