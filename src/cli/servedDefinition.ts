/**
 * The comparison of a definition with an eval that a host serves.
 */
import { field } from "../schema/finding.ts"
import { definitionText } from "../schema/definitionText.ts"
import type * as Eval from "../schema/Eval.ts"
import { at } from "../schema/fields.ts"
import { storedThreshold } from "../schema/graders/registry.ts"

const configOf = (config: Eval.DataSourceConfig): unknown =>
  config.type === "custom"
    ? {
        type: "custom",
        item_schema: at(config, "item_schema") ?? at(config, "schema", "properties", "item"),
        include_sample_schema:
          at(config, "include_sample_schema") ?? at(config, "schema", "properties", "sample") !== undefined
      }
    : { type: config.type, ...(isEmpty(at(config, "metadata")) ? {} : { metadata: at(config, "metadata") }) }

const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0)

// a host adds an id and default values to a criterion
const isFilledIn = (name: string, value: unknown, criterion: unknown): boolean =>
  name === "id" || value === null || (name === "pass_threshold" && value === storedThreshold(criterion))

const criterionOf = (served: Eval.Eval["testing_criteria"][number], sent: unknown): unknown =>
  Object.fromEntries(
    Object.entries(served).filter(
      ([name, value]) => field(sent, name) !== undefined || !isFilledIn(name, value, served)
    )
  )

/** Returns whether a served eval was created from a definition. */
export const isMadeFrom = (one: Eval.Eval, params: Eval.CreateParams): boolean => {
  const named = (params.name ?? "") !== "" || (one.name !== null && one.name !== one.id && one.name !== "")
  const served = {
    ...(named ? { name: one.name } : {}),
    metadata: one.metadata ?? {},
    data_source_config: configOf(one.data_source_config),
    testing_criteria: one.testing_criteria.map((criterion, index) =>
      criterionOf(criterion, params.testing_criteria[index])
    )
  }
  return definitionText(served) === definitionText(params)
}
