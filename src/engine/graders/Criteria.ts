/**
 * The testing criteria of an eval. They are read once, and then judge row after row.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { parse } from "../../schema/template.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import type { ErrorCause } from "../../store/RunBatches.ts"
import { isObject, JsonText } from "../rows/JsonText.ts"
import type { Row } from "../rows/Row.ts"
import * as Sample from "../rows/Sample.ts"
import type { Criterion } from "../texts/EvalText.ts"
import * as ItemText from "../texts/ItemText.ts"
import type { Fault, Grading } from "./Grader.ts"
import { compile as compileGrader, runs } from "./registry.ts"
import { type AskedModel, conclude, errorSample, type Question, type Reply, type Scored } from "./Scored.ts"

export type { Criterion }

/** A criterion that this engine cannot judge by. */
export interface Unsupported extends Pick<Fault, "kind"> {
  /** The place among the criteria, from 0. */
  readonly index: number
  readonly name: string
  readonly type: string
  /** For a reader: which criterion, why, and what can be run. */
  readonly message: string
}

/** The outcome of a row: an item that is ready to be stored. */
interface Outcome extends ItemText.Tail {
  /** In the order of the criteria. */
  readonly passed: ReadonlyArray<boolean>
  /** The tokens that the sample and its judges took. */
  readonly usage: ReadonlyArray<ModelUsage>
}

/** The verdict of the criteria on a row. */
export interface Judged extends Outcome {
  /** An item passes when every criterion passes, and so without criteria. */
  readonly status: "pass" | "fail"
}

/** An item that could not be judged, or had nothing to judge. None of the criteria passed. */
export interface Errored extends Outcome {
  readonly status: "error"
  /** The first error of the item. */
  readonly cause: ErrorCause
}

/** The questions of a criterion. */
export interface CriterionQuestions {
  /** The place among the criteria, from 0. */
  readonly criterion: number
  readonly questions: ReadonlyArray<Question>
}

/** The replies to {@link CriterionQuestions}, in the order of its questions. */
export interface CriterionReplies {
  readonly criterion: number
  readonly replies: ReadonlyArray<Reply>
}

/** A row whose criteria have questions. It is judged anew with the replies. */
export interface Asking {
  readonly status: "asking"
  readonly questions: ReadonlyArray<CriterionQuestions>
}

/** A model that a criterion asks. */
export interface CriterionModel {
  /** The place among the criteria, from 0. */
  readonly criterion: number
  /** The name of the criterion. */
  readonly name: string
  readonly asked: AskedModel
}

/** Criteria that are ready to judge. */
export interface Compiled {
  /** The models that they ask, in their order. */
  readonly models: ReadonlyArray<CriterionModel>
  /** Judges a row. The same row and all replies to its questions give an item. */
  readonly judge: (row: Row, replies?: ReadonlyArray<CriterionReplies>) => Judged | Errored | Asking
}

interface Judges {
  readonly gradings: ReadonlyArray<Grading>
  /** Of the results of each. */
  readonly heads: ReadonlyArray<string>
  readonly models: ReadonlyArray<CriterionModel>
}

const noUsage: ReadonlyArray<ModelUsage> = []

const usageOf = (sample: Sample.Sample): ReadonlyArray<ModelUsage> =>
  sample.usage === undefined ? noUsage : [sample.usage]

// it stands in the run, which is listed with others
const longestCause = 1000

const causeOf = (code: string, message: string): ErrorCause => ({
  code: code.slice(0, longestCause),
  message: message.slice(0, longestCause)
})

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** The item of a row whose sample could not be taken: no grader is run, and so it has no results. */
const unsampled = (
  { gradings, heads }: Judges,
  { itemText }: Row,
  sample: Sample.Sample,
  error: { readonly [name: string]: unknown }
): Errored => ({
  status: "error",
  passed: gradings.map(() => false),
  ...ItemText.tail(itemText, heads, [], sample.wire),
  usage: usageOf(sample),
  cause: causeOf(textOf(error["code"]), textOf(error["message"]))
})

const noReplies: ReadonlyArray<CriterionReplies> = []

const judge = (judges: Judges, row: Row, replies: ReadonlyArray<CriterionReplies>): Judged | Errored | Asking => {
  const scope = { item: new JsonText(row.item, row.itemText, row.odd), sample: Sample.ofRow(row) }
  const error = scope.sample.error
  if (error !== undefined) return unsampled(judges, row, scope.sample, error)
  const results: Array<Scored> = []
  let questions: Array<CriterionQuestions> | undefined
  for (const [criterion, grading] of judges.gradings.entries()) {
    const verdict = grading.judge(scope)
    if (verdict._tag === "Scored") {
      results.push(verdict)
      continue
    }
    const known = replies.find((reply) => reply.criterion === criterion)
    if (known === undefined) (questions ??= []).push({ criterion, questions: verdict.questions })
    else results.push(conclude(verdict, known.replies))
  }
  return questions === undefined ? item(judges, row, scope.sample, results) : { status: "asking", questions }
}

/** The item of a row with a result of each criterion. */
const item = (
  { heads }: Judges,
  { itemText }: Row,
  sample: Sample.Sample,
  results: ReadonlyArray<Scored>
): Judged | Errored => {
  const passed: Array<boolean> = []
  let all = true
  let asked = false
  let cause: ErrorCause | undefined
  for (const result of results) {
    passed.push(result.passed)
    all = all && result.passed
    asked = asked || result.usage.length > 0
    if (result.error?._tag === "Unanswered") cause ??= causeOf(result.error.code, result.error.message)
  }
  const usage = asked ? [...usageOf(sample), ...results.flatMap((result) => result.usage)] : usageOf(sample)
  const { copies, tail } = ItemText.tail(itemText, heads, results, sample.wire)
  return cause === undefined
    ? { status: all ? "pass" : "fail", passed, tail, copies, usage }
    : { status: "error", passed: passed.map(() => false), tail, copies, usage, cause }
}

/** All texts inside a value of JSON, in their order. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value
  else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) yield* textsIn(inner)
}

/**
 * Returns the names of the fields of `sample` that criteria read in their templates,
 * each once: `output_text`, `output_json`. A template that reads the whole sample
 * names none.
 */
export const sampleNames = (criteria: ReadonlyArray<Criterion>): ReadonlyArray<string> => {
  const names = new Set<string>()
  for (const text of textsIn(criteria.map(({ grader }) => grader))) {
    for (const segment of parse(text)) {
      const [name] = segment._tag === "Path" && segment.namespace === "sample" ? segment.keys : []
      if (typeof name === "string") names.add(name)
    }
  }
  return [...names]
}

/** Whether criteria read `sample`, in a template or in a program. */
export const readsSample = (criteria: ReadonlyArray<Criterion>): boolean =>
  criteria.some(({ grader }) => {
    if (isObject(grader) && grader["type"] === "python") return true
    for (const text of textsIn(grader)) {
      if (parse(text).some((segment) => segment._tag === "Path" && segment.namespace === "sample")) return true
    }
    return false
  })

/** An eval takes every grader but this one: that is the API's own rule. */
const multiRefused =
  "an eval takes no multi grader, only the grader endpoints do (graders/run and graders/validate); " +
  `this engine runs ${runs}`

const read = (fields: { readonly [name: string]: unknown }): Result.Result<Grading, Fault> =>
  fields["type"] === "multi" ? Result.fail({ kind: "unsupported", message: multiRefused }) : compileGrader(fields)

/** The criteria of a text that is JSON. What is none has no grader, which {@link compile} refuses. */
export const ofText = (text: string): ReadonlyArray<Criterion> => {
  const json: unknown = JSON.parse(text)
  const list: ReadonlyArray<unknown> = Array.isArray(json) ? json : [json]
  return list.map((one) => {
    const { grader, id } = isObject(one) ? one : {}
    return { id: textOf(id), grader }
  })
}

/** A message about a criterion. */
export const placed = (index: number, name: string, message: string): string =>
  `testing_criteria[${index}] ${JSON.stringify(name)}: ${message}`

const readAll = (
  criteria: ReadonlyArray<Criterion>
): { readonly judges: Judges; readonly unsupported: ReadonlyArray<Unsupported> } => {
  const gradings: Array<Grading> = []
  const models: Array<CriterionModel> = []
  const unsupported: Array<Unsupported> = []
  for (const [index, { grader, id }] of criteria.entries()) {
    const fields = isObject(grader) ? grader : {}
    const name = typeof fields["name"] === "string" ? fields["name"] : id
    const grading = read(fields)
    if (Result.isFailure(grading)) {
      const { kind, message } = grading.failure
      unsupported.push({ index, name, type: textOf(fields["type"]), kind, message: placed(index, name, message) })
    } else {
      gradings.push(grading.success)
      for (const asked of grading.success.models) models.push({ criterion: index, name, asked })
    }
  }
  return { judges: { gradings, models, heads: criteria.map(({ id }) => ItemText.resultHead(id)) }, unsupported }
}

/** Compiles criteria. Fails with the first one that this engine does not support. */
export const compile = (criteria: ReadonlyArray<Criterion>): Result.Result<Compiled, Unsupported> => {
  const {
    judges,
    unsupported: [first]
  } = readAll(criteria)
  return first === undefined
    ? Result.succeed({ models: judges.models, judge: (row, replies = noReplies) => judge(judges, row, replies) })
    : Result.fail(first)
}

/** Returns the criteria that this engine does not support. */
export const unsupported = (criteria: ReadonlyArray<Criterion>): ReadonlyArray<Unsupported> =>
  readAll(criteria).unsupported

/** Returns the models that criteria ask. A criterion that this engine does not support asks none. */
export const models = (criteria: ReadonlyArray<Criterion>): ReadonlyArray<CriterionModel> =>
  readAll(criteria).judges.models

/**
 * The output item of a row that could not be judged, such as one whose criteria
 * took too long. Its sample is no error; each criterion says what happened, scores
 * 0 and does not pass.
 */
export const errored = (
  criteria: ReadonlyArray<Pick<Criterion, "id">>,
  row: Row,
  message: string,
  code: string
): Errored => {
  const result = { passed: false, sample: errorSample(code, message), score: 0 }
  const sample = Sample.ofRow(row)
  return {
    status: "error",
    passed: criteria.map(() => false),
    ...ItemText.tail(
      row.itemText,
      criteria.map(({ id }) => ItemText.resultHead(id)),
      criteria.map(() => result),
      sample.wire
    ),
    usage: usageOf(sample),
    cause: causeOf(code, message)
  }
}
