/**
 * Static checks of an eval's definition.
 */
import { checker } from "./schema/checker.ts"
import { formatPath, type Place } from "./schema/issues.ts"
import { checkCriteria } from "./internal/lint/criteria.ts"
import { error, field, type Finding, list, type Location, warning } from "./schema/finding.ts"
import { checkItemSchema, checkRows } from "./internal/lint/itemSchema.ts"
import {
  checkItemReference,
  checkTemplates,
  criteriaSites,
  firstReference,
  inputSites
} from "./internal/lint/templates.ts"
import { dataSourceType } from "./schema/dataSources/registry.ts"
import * as Eval from "./schema/Eval.ts"
import * as Run from "./schema/Run.ts"
import type { Site } from "./schema/templateSites.ts"

export type { Finding } from "./schema/finding.ts"

const checkEval = checker(Eval.CreateParams)
const checkRun = checker(Run.CreateParams)

const fromPlace = ({ message, path, unexpected }: Place, prefix: Location): Finding =>
  unexpected
    ? warning(
        "unknown-key",
        [...prefix, ...path],
        `${message}; it is sent as it is, and a host ignores it: check its spelling, and the object that it stands in`
      )
    : error("invalid-definition", [...prefix, ...path], message)

const isMulti = (params: unknown, [first, index]: Location): boolean =>
  first === "testing_criteria" &&
  typeof index === "number" &&
  field(list(field(params, first))[index], "type") === "multi"

const sampleNotIncluded = (config: unknown, sites: ReadonlyArray<Site>): ReadonlyArray<Finding> => {
  if (field(config, "type") !== "custom" || field(config, "include_sample_schema") === true) return []
  const found = firstReference(sites, "sample")
  return found === undefined
    ? []
    : [
        warning(
          "sample-not-included",
          ["data_source_config", "include_sample_schema"],
          `${formatPath(found.path)} refers to ${found.text}, but the rows of this eval are declared without a sample; set it to true`
        )
      ]
}

const ofRun = (run: unknown, schema: unknown, usable: boolean): ReadonlyArray<Finding> => {
  const at = ["run", "data_source"]
  const dataSource = field(run, "data_source")
  const input = field(dataSource, "input_messages")
  const source = field(dataSource, "source")
  const item = usable ? schema : {}
  return [
    ...checkRun(run).map((place) => fromPlace(place, ["run"])),
    ...checkTemplates(inputSites(input, [...at, "input_messages"]), { item, sample: "none" }),
    ...checkItemReference(field(input, "item_reference"), [...at, "input_messages", "item_reference"], item),
    ...checkRows(field(source, "content"), item, [...at, "source", "content"])
  ]
}

/**
 * Returns the faults of an eval's definition, and of a run of that eval if one is given. It sends nothing, is pure, and
 * accepts any value that `JSON.parse` returns. The hosted service does not check templates when it creates an eval: a
 * criterion with a wrong template fails on every row.
 *
 * | Rule | Finds |
 * | --- | --- |
 * | `invalid-definition` | a fault for which hosts refuse the request: a missing field, a value of the wrong type |
 * | `unknown-key` | a key that the API does not define. Hosts ignore such a key |
 * | `item-schema` | an `item_schema` that is not a JSON Schema of an object, or that requires an undeclared field |
 * | `malformed-template` | `{{ }}` that is not closed, is empty, or holds something other than a path |
 * | `unknown-namespace` | a path that begins with neither `item` nor `sample` |
 * | `single-braces` | `{item.x}` or `{% if … %}`, which are not templates and stay as they are |
 * | `unknown-item-field`, `unknown-sample-field` | a path to an undeclared field. An error if the schema forbids the field, a warning if a row may have it |
 * | `sample-not-included` | references to `sample` in an eval without `include_sample_schema` |
 * | `threshold-range`, `score-range` | a `pass_threshold` outside of the range of scores, an empty `range` |
 * | `empty-label`, `duplicate-label`, `unknown-passing-label` | labels of a `label_model` |
 * | `no-criteria` | an eval without criteria: all of its items pass |
 * | `duplicate-name` | several criteria of the same name |
 * | `multi-in-eval` | a `multi` grader, which evals do not accept |
 * | `sample-in-input`, `item-reference` | input messages that refer to a sample, an `item_reference` that is not the path of a field |
 * | `row-mismatch` | inline rows that lack a required field, or have a field of another type |
 *
 * A field that the schema leaves open is not checked: by `additionalProperties`, by a missing `properties`, by a
 * reference to another document, or by a condition. The rules of templates are those of the API's guide, which
 * documents paths only.
 *
 * **Example** (A misspelt field)
 *
 * ```ts
 * import { type Eval, lintEval } from "effect-evals"
 *
 * const params: Eval.CreateParams = {
 *   data_source_config: {
 *     type: "custom",
 *     item_schema: { type: "object", properties: { label: { type: "string" } }, additionalProperties: false },
 *     include_sample_schema: true
 *   },
 *   testing_criteria: [
 *     {
 *       type: "string_check",
 *       name: "label",
 *       input: "{{ sample.output_text }}",
 *       reference: "{{ item.lable }}",
 *       operation: "eq"
 *     }
 *   ]
 * }
 *
 * export const findings = lintEval(params)
 * // testing_criteria[0].reference: {{ item.lable }}: item has no "lable" in item_schema; did you mean {{ item.label }}?
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const lintEval = (params: Eval.CreateParams, run?: Run.CreateParams): ReadonlyArray<Finding> => {
  const config = field(params, "data_source_config")
  const schema = field(config, "item_schema")
  const { findings, usable } = checkItemSchema(schema, ["data_source_config", "item_schema"])
  const criteria = field(params, "testing_criteria")
  const sites = criteriaSites(criteria, ["testing_criteria"])
  const dataSource = dataSourceType(field(field(run, "data_source"), "type"))
  return [
    ...checkEval(params)
      .filter((place) => !isMulti(params, place.path))
      .map((place) => fromPlace(place, [])),
    ...findings,
    ...sampleNotIncluded(config, sites),
    ...checkCriteria(criteria, ["testing_criteria"]),
    ...checkTemplates(sites, {
      item: usable ? schema : {},
      sample: dataSource?.samplesModel === false ? "custom" : "sampled"
    }),
    ...(run === undefined ? [] : ofRun(run, schema, usable))
  ]
}
