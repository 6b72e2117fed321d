/**
 * The testing criteria of an eval, read once and then put to row after row.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { parse } from "../../schema/template.ts"
import type { ModelUsage } from "../../store/ModelUsage.ts"
import * as grading from "./grading.ts"
import type { Grading } from "./score.ts"
import * as textSimilarity from "./textSimilarity.ts"
import { isObject, JsonText } from "../rows/JsonText.ts"
import type { Row } from "../rows/Row.ts"
import * as Sample from "../rows/Sample.ts"

/** The least score that passes where a criterion does not say, by the type of its grader. */
export const defaultPassThreshold = { text_similarity: textSimilarity.defaultPassThreshold } as const

/** A criterion of an eval: a grader, and the id that its results carry. */
export interface Criterion {
  /** `<name>-<uuid>`, or what the caller takes where a stored criterion has none. */
  readonly id: string
  /** The grader as it was sent or is stored; whether it is one is found out when it is compiled. */
  readonly grader: unknown
}

/** A criterion that this engine cannot judge by. */
export interface Unsupported {
  /** The place among the criteria, from 0. */
  readonly index: number
  readonly name: string
  readonly type: string
  /** For a reader: which criterion, why, and what can be run. */
  readonly message: string
}

/** What every row comes to. */
interface Outcome {
  /** In the order of the criteria. */
  readonly passed: ReadonlyArray<boolean>
  /** The output item's JSON from `"datasource_item":` up to and including its closing brace. */
  readonly tail: string
  /** The tokens that the row's sample took; undefined where it does not say. */
  readonly usage: ModelUsage | undefined
  /**
   * Where results show the sample again, which `tail` has once: the distance of the
   * sample from the end of `tail`, then those of the places for its copies, which
   * hold `null`. Undefined where no result does.
   */
  readonly copies: ReadonlyArray<number> | undefined
}

/** The verdict of the criteria on a row. */
export interface Judged extends Outcome {
  /** An item passes when every criterion passes, and so without criteria. */
  readonly status: "pass" | "fail"
}

/** An item that could not be judged, or had nothing to judge. None of the criteria passed. */
export interface Errored extends Outcome {
  readonly status: "error"
}

/** Criteria that are ready to judge. */
export interface Compiled {
  readonly judge: (row: Row) => Judged | Errored
}

interface Judge extends Grading {
  /** JSON up to the value of `passed`. */
  readonly head: string
}

const head = (id: string): string => `{"name":${JSON.stringify(id)},"passed":`

const beforeSample = '],"sample":'

const tail = ({ itemText }: Row, results: string, sample: string): string =>
  `"datasource_item":${itemText},"results":[${results}${beforeSample}${sample}}`

/** The item of a row whose sample could not be taken: no grader is run, and so it has no results. */
const unsampled = (judges: ReadonlyArray<Judge>, row: Row, sample: Sample.Sample): Errored => ({
  status: "error",
  passed: judges.map(() => false),
  tail: tail(row, "", sample.wire),
  usage: sample.usage,
  copies: undefined
})

const judge = (judges: ReadonlyArray<Judge>, row: Row): Judged | Errored => {
  const scope = { item: new JsonText(row.item, row.itemText, row.odd), sample: Sample.ofRow(row) }
  if (scope.sample.failed) return unsampled(judges, row, scope.sample)
  const passed: Array<boolean> = []
  let all = true
  let results = ""
  let places: Array<number> | undefined
  for (const { head, score, threshold } of judges) {
    const scored = score(scope)
    const passes = Result.isSuccess(scored) && scored.success >= threshold
    passed.push(passes)
    all = all && passes
    if (results !== "") results += ","
    if (Result.isSuccess(scored)) {
      results += `${head}${passes},"sample":null,"score":${scored.success}}`
      continue
    }
    // a sample that lacks a variable is shown beside it, byte for byte as the item shows it: so does the host
    results += `${head}false,"sample":`
    ;(places ??= []).push(results.length)
    results += `null,"score":${grading.missingScore}}`
  }
  const { usage, wire } = scope.sample
  const end = results.length + beforeSample.length + wire.length + 1
  return {
    status: all ? "pass" : "fail",
    passed,
    tail: tail(row, results, wire),
    usage,
    copies: places && [wire.length + 1, ...places.map((place) => end - place)]
  }
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
  `this engine runs ${grading.runs}`

const read = (fields: { readonly [name: string]: unknown }): Result.Result<Grading, string> =>
  fields["type"] === "multi" ? Result.fail(multiRefused) : grading.compile(fields)

/** The criteria of a text that is JSON. What is none has no grader, which {@link compile} refuses. */
export const ofText = (text: string): ReadonlyArray<Criterion> => {
  const json: unknown = JSON.parse(text)
  const list: ReadonlyArray<unknown> = Array.isArray(json) ? json : [json]
  return list.map((one) => {
    const { grader, id } = isObject(one) ? one : {}
    return { id: typeof id === "string" ? id : "", grader }
  })
}

const readAll = (
  criteria: ReadonlyArray<Criterion>
): { readonly judges: ReadonlyArray<Judge>; readonly unsupported: ReadonlyArray<Unsupported> } => {
  const judges: Array<Judge> = []
  const unsupported: Array<Unsupported> = []
  for (const [index, { grader, id }] of criteria.entries()) {
    const fields = isObject(grader) ? grader : {}
    const name = typeof fields["name"] === "string" ? fields["name"] : id
    const type = typeof fields["type"] === "string" ? fields["type"] : ""
    const grading = read(fields)
    if (Result.isFailure(grading)) {
      const message = `testing_criteria[${index}] ${JSON.stringify(name)}: ${grading.failure}`
      unsupported.push({ index, name, type, message })
    } else {
      judges.push({ ...grading.success, head: head(id) })
    }
  }
  return { judges, unsupported }
}

/** Compiles criteria. Fails with the first one that this engine does not support. */
export const compile = (criteria: ReadonlyArray<Criterion>): Result.Result<Compiled, Unsupported> => {
  const {
    judges,
    unsupported: [first]
  } = readAll(criteria)
  return first === undefined ? Result.succeed({ judge: (row) => judge(judges, row) }) : Result.fail(first)
}

/** Returns the criteria that this engine does not support. */
export const unsupported = (criteria: ReadonlyArray<Criterion>): ReadonlyArray<Unsupported> =>
  readAll(criteria).unsupported

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
  const sample = JSON.stringify({ error: { code, message } })
  const results = criteria.map(({ id }) => `${head(id)}false,"sample":${sample},"score":0}`)
  const { usage, wire } = Sample.ofRow(row)
  return {
    status: "error",
    passed: criteria.map(() => false),
    tail: tail(row, results.join(","), wire),
    usage,
    copies: undefined
  }
}
