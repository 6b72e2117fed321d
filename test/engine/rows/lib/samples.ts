import { Result } from "effect"
import * as Row from "../../../../src/engine/rows/Row.ts"
import { ofRow, type Sample } from "../../../../src/engine/rows/Sample.ts"
import { parsePath } from "../../../../src/schema/template.ts"

/** The sample of a row that has this JSON as its sample. */
export const ofJson = (sample: string): Sample => ofRow(Result.getOrThrow(Row.parse(`{"item":{},"sample":${sample}}`)))

/** The sample of a row that has this value as its sample. */
export const of = (sample: unknown): Sample => ofJson(JSON.stringify(sample))

/** The text of a path below `sample` in a template. */
export const at = (sample: Sample, path: string): string | undefined =>
  sample.render(parsePath(`sample${path}`)?.keys ?? ["no path"])

/** The sample of the output item. */
export const wire = (sample: Sample): { readonly [key: string]: unknown } => JSON.parse(sample.wire)
