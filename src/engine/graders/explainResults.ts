/**
 * Explains the results of an output item from the criteria of its eval: the variable without a value, or the two texts
 * that were compared. The wire has neither.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type { Explanation, Missing, Unexplained } from "../../schema/Explanation.ts"
import { at } from "../../schema/fields.ts"
import { parse, type Path } from "../../schema/template.ts"
import { ofMessages } from "../../schema/templateSites.ts"
import { operations } from "./stringCheck.ts"
import { isObject, JsonText } from "../rows/JsonText.ts"
import { Sample } from "../rows/Sample.ts"
import { textOf } from "../rows/SampleMessages.ts"
import * as Template from "../rows/Template.ts"

const unexplained: Unexplained = { _tag: "Unexplained" }

/** The fields of a sample that templates can read and output items have. */
const shownFields: ReadonlySet<unknown> = new Set(["output_text", "output_json", "output_tools", "model"])

/** Whether an output item has the value of a variable. */
const isShown = ({ keys, namespace }: Path): boolean => namespace === "item" || shownFields.has(keys[0])

const by = { string_check: "operation", text_similarity: "evaluation_metric" } as const

const isComparison = (type: unknown): type is keyof typeof by => typeof type === "string" && Object.hasOwn(by, type)

/** Whether a result has a copy of the sample, by which the API marks a variable without a value. */
const isMarked = (result: unknown): boolean =>
  isObject(at(result, "sample")) && !isObject(at(result, "sample", "error"))

/** Returns the variables without a value, as far as the item shows them. */
const missingOf = (templates: ReadonlyArray<string>, scope: Template.Scope, marked: boolean): Missing | undefined => {
  const sure = new Set<string>()
  const unsure = new Set<string>()
  const unseen = new Set<string>()
  for (const segment of templates.flatMap(parse)) {
    if (segment._tag === "Literal") continue
    if (segment._tag === "Malformed") sure.add(segment.text)
    else if (scope[segment.namespace].render(segment.keys) === undefined) {
      ;(isShown(segment) ? sure : unsure).add(segment.text)
    } else if (segment.namespace === "sample") unseen.add(segment.text)
  }
  if (sure.size > 0) return { _tag: "Missing", variables: [...sure], certain: true }
  // without the mark, texts were compared, even if the item lacks fields of the row's sample
  if (!marked) return undefined
  const candidates = unsure.size > 0 ? unsure : unseen
  return { _tag: "Missing", variables: [...candidates], certain: candidates.size === 1 }
}

const compared = (
  input: string,
  reference: string,
  name: string,
  score: unknown,
  scope: Template.Scope
): Explanation => {
  const a = Template.compile(input).render(scope)
  const b = Template.compile(reference).render(scope)
  if (Result.isFailure(a) || Result.isFailure(b)) return unexplained
  const paths = [input, reference].flatMap(parse).filter((segment) => segment._tag === "Path")
  const holds = operations.get(name)
  return {
    _tag: "Compared",
    input: a.success,
    reference: b.success,
    by: name,
    certain: paths.every(isShown) && (holds === undefined || (holds(a.success, b.success) ? 1 : 0) === score)
  }
}

const isJudge = (type: unknown): boolean => type === "score_model" || type === "label_model"

/** Explains the result of a grader that asks a model. If the model was not asked, its sample is that of the row. */
const explainJudge = (grader: unknown, result: unknown, scope: Template.Scope): Explanation => {
  const sample = at(result, "sample")
  const message = at(sample, "error", "message")
  if (typeof message === "string") return { _tag: "Unjudged", message }
  if (!isObject(sample) || Object.hasOwn(sample, "reasoning_effort")) return unexplained
  const templates = ofMessages(at(grader, "input"), []).map(({ text }) => text)
  const missing = missingOf(templates, scope, true)
  return missing?.certain === true ? missing : unexplained
}

const explain = (grader: unknown, result: unknown, scope: Template.Scope): Explanation => {
  if (isJudge(at(grader, "type"))) return explainJudge(grader, result, scope)
  const [type, input, reference] = [at(grader, "type"), at(grader, "input"), at(grader, "reference")]
  if (!isComparison(type) || typeof input !== "string" || typeof reference !== "string") return unexplained
  if (isObject(at(result, "sample", "error"))) return unexplained
  const missing = at(result, "passed") === true ? undefined : missingOf([input, reference], scope, isMarked(result))
  return missing ?? compared(input, reference, textOf(at(grader, by[type])) ?? "", at(result, "score"), scope)
}

/**
 * Explains each result of an output item, in order. `criteria` are the `testing_criteria` of its eval. `text` is the
 * item's JSON as it is served, so that numbers keep their digits.
 */
export const explainResults = (criteria: ReadonlyArray<unknown>, text: string): ReadonlyArray<Explanation> => {
  const item = JsonText.parse(text)
  const results: unknown = at(item?.value, "results")
  if (item === undefined || !Array.isArray(results)) return []
  const scope = {
    item: item.member("datasource_item") ?? new JsonText(undefined, "", false),
    sample: new Sample(item.member("sample"))
  }
  const ids = criteria.map((grader) => at(grader, "id") ?? at(grader, "name"))
  return results.map((result: unknown, index) => {
    const found = ids.indexOf(at(result, "name"))
    const same = found !== -1 ? found : results.length === criteria.length ? index : -1
    return explain(criteria[same], result, scope)
  })
}
