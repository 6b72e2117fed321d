/** Rows of docs/behaviour.md: rows. */
import { maxSchemaLength } from "../../../../src/engine/schemas/ItemSchema.ts"
import { maxDepth } from "../../../../src/engine/rows/JsonText.ts"
import { defaults as workers } from "../../../../src/engine/work/Workers.ts"
import { creating, errored, schemas, rows } from "./links.ts"
import { count, named, type Group, type Rule } from "./model.ts"

/** Rules of the engine's own. */
export const rules: Group<Rule> = {
  heading: "Rows",
  rows: [
    {
      open: "An invalid row",
      says: "400 with the row, the path in it and the rule. The run is not created.",
      code: rows("check"),
      test: creating(
        "creating refuses a run with a bad row: the row, the place and the rule are named, and no run is made"
      )
    },
    {
      open: "The dialect of an item schema",
      says: "JSON Schema 2020-12, or the dialect of `$schema`, back to draft 4.",
      code: named("src/engine/schemas/ItemSchema.ts")("compile"),
      test: schemas("item schemas as people write them name a dialect, an older one, or none")
    },
    {
      open: "Unknown keywords and formats",
      says: "They are ignored. No document is fetched.",
      code: named("src/engine/schemas/ItemSchema.ts")("compile"),
      test: schemas("item schemas as people write them ignore unknown keywords")
    },
    {
      open: "Size limits of a schema",
      says: `${count(maxSchemaLength)} characters, and ${maxDepth} levels.`,
      code: named("src/engine/schemas/ItemSchema.ts")("maxSchemaLength"),
      test: schemas("item schemas that are none are refused when they are nested too deeply, or too long")
    },
    {
      open: "The largest depth of a row",
      says: `${maxDepth} levels.`,
      code: named("src/engine/rows/JsonText.ts")("maxDepth"),
      test: named("test/engine/rows/Row.test.ts")(
        "Row.parse refuses what is nested too deep, however deep, before it is parsed"
      )
    },
    {
      open: "A row that takes too long to judge",
      says: `After ${workers.gradeMillis / 1000} s of real time, or ${workers.memoryMiB} MiB of memory, the item is errored with the reason. The run continues with the next row.`,
      code: named("src/engine/work/Workers.ts")("defaults"),
      test: errored
    }
  ]
}
