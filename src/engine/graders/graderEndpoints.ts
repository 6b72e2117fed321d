/**
 * The grader endpoints: `graders/run` runs one grader on one sample, `graders/validate` only checks it.
 *
 * @internal
 */
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import { type ModelUsage, sum, sumAll } from "../../store/ModelUsage.ts"
import { JsonText, maxDepth } from "../rows/JsonText.ts"
import * as Sample from "../rows/Sample.ts"
import type { Scope } from "../rows/Template.ts"
import { type Flag, raised } from "./flags.ts"
import type { Grading } from "./Grader.ts"
import * as multi from "./multi.ts"
import type { Problem } from "./multi.ts"
import { compile } from "./registry.ts"
import { type AskedModel, conclude, missingScore, type Question, type Reply, type Scored } from "./Scored.ts"

/** A compiled grader: one under its own name, or the graders of a `multi`. */
interface Read {
  readonly gradings: ReadonlyMap<string, Grading>
  /** The formula of a `multi`; undefined for a single grader. */
  readonly multi: multi.Multi | undefined
}

const alone = (grader: Grader.TestingCriterion): Result.Result<Read, ReadonlyArray<Problem>> =>
  Result.mapBoth(compile(grader), {
    onFailure: (fault): ReadonlyArray<Problem> => [multi.problemOf(["grader"], fault)],
    onSuccess: (grading) => ({ gradings: new Map([[grader.name, grading]]), multi: undefined })
  })

const combined = (read: multi.Multi): Result.Result<Read, ReadonlyArray<Problem>> =>
  read.problems.length > 0 ? Result.fail(read.problems) : Result.succeed({ gradings: read.graders, multi: read })

/** Whether objects and lists are nested deeper than {@link maxDepth}. Uses no recursion. */
const isDeep = (value: unknown): boolean => {
  let level: ReadonlyArray<object> = typeof value === "object" && value !== null ? [value] : []
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    level = level.flatMap((container) =>
      Object.values(container).filter((inner): inner is object => typeof inner === "object" && inner !== null)
    )
  }
  return false
}

const tooDeep: Result.Result<never, ReadonlyArray<Problem>> = Result.fail([
  { path: ["item"], message: `nested deeper than ${maxDepth} levels`, code: null }
])

/** The parameters of `graders/run`. */
export interface RunParams extends Grader.RunParams {
  /** The JSON of `item` as it was sent, which keeps the digits of numbers. It replaces `item`. */
  readonly itemText?: string | undefined
}

/** Returns the item of a request. Returns undefined if it is nested too deeply. */
const itemOf = ({ item, itemText }: RunParams): JsonText | undefined =>
  itemText !== undefined ? JsonText.parse(itemText) : isDeep(item) ? undefined : new JsonText(item, "", false)

/** Returns the tokens of one model in the form of the answer. */
const tokensOf = ({ cached_tokens, completion_tokens, prompt_tokens, total_tokens }: ModelUsage) => ({
  prompt_tokens,
  total_tokens,
  completion_tokens,
  cached_tokens
})

const asked = (usage: ReadonlyArray<ModelUsage>) => {
  const models = sum(usage)
  const [only] = models
  return {
    total: models.length === 0 ? null : tokensOf(sumAll(models)),
    perModel: Object.fromEntries(models.map((one) => [one.model_name, tokensOf(one)])),
    // the sampled model is named only if there is exactly one
    model: models.length === 1 && only !== undefined ? only.model_name : null
  }
}

const readOf = (grader: Grader.GraderParam): Result.Result<Read, ReadonlyArray<Problem>> =>
  grader.type === "multi" ? combined(multi.compile(grader)) : alone(grader)

/** A model that a grader of a request asks, with the place of the grader. */
export interface PlacedModel {
  readonly path: Problem["path"]
  readonly asked: AskedModel
}

/** Returns the models that a grader asks. Empty for a grader that cannot be run. */
export const models = (grader: Grader.GraderParam): ReadonlyArray<PlacedModel> =>
  Result.match(readOf(grader), {
    onFailure: () => [],
    onSuccess: ({ gradings, multi: read }) =>
      [...gradings].flatMap(([name, grading]) =>
        grading.models.map((asked) => ({ path: read?.paths.get(name) ?? ["grader"], asked }))
      )
  })

/** Returns the verdicts of all graders, in order. Each grader takes as many replies as it has questions. */
const verdictsOf = ({ gradings }: Read, scope: Scope, replies: ReadonlyArray<Reply>) => {
  const questions: Array<Question> = []
  const scored = new Map<string, Scored>()
  for (const [name, grading] of gradings) {
    const verdict = grading.judge(scope)
    if (verdict._tag === "Scored") {
      scored.set(name, verdict)
      continue
    }
    const own = replies.slice(questions.length, questions.length + verdict.questions.length)
    questions.push(...verdict.questions)
    if (own.length === verdict.questions.length) scored.set(name, conclude(verdict, own))
  }
  return { questions, scored }
}

/** The questions of a grader that must be answered first. */
export interface Asking {
  readonly questions: ReadonlyArray<Question>
}

const answer = (
  { name, type }: { readonly name: string; readonly type: string },
  { multi: read }: Read,
  scored: ReadonlyMap<string, Scored>,
  elapsed: number
): Grader.RunResponse => {
  const results = [...scored.values()]
  const scores = new Map([...scored].map(([name, { score }]) => [name, score]))
  const reward = read === undefined ? results[0]?.score : multi.combine(read, scores)
  const byName = read === undefined ? {} : Object.fromEntries(scores)
  const errors: Array<{ readonly flag: Flag; readonly message: string }> = results.flatMap(({ error }) => error ?? [])
  if (reward === undefined) errors.push({ flag: "formula_parse_error", message: "" })
  const tokens = asked(results.flatMap(({ usage }) => usage))
  return {
    reward: reward ?? missingScore,
    metadata: {
      name,
      type,
      errors: raised(errors),
      execution_time: elapsed,
      scores: byName,
      token_usage: tokens.total,
      sampled_model_name: tokens.model
    },
    sub_rewards: byName,
    model_grader_token_usage_per_model: tokens.perModel
  }
}

/**
 * Runs a grader. A variable without a value and an invalid formula score 0, and are errors inside the answer. The failure
 * lists the reasons for which the grader cannot be run. A grader with questions is run again with the replies, in order.
 * `elapsed` is called once, at the end, and returns the seconds since the start. Templates read `model_sample` as
 * `sample.output_text`, with the fields that derive from it.
 */
export const run = (
  params: RunParams,
  elapsed: () => number,
  replies: ReadonlyArray<Reply> = []
): Result.Result<Grader.RunResponse | Asking, ReadonlyArray<Problem>> => {
  const { grader, model_sample } = params
  const item = itemOf(params)
  if (item === undefined) return tooDeep
  return Result.map(readOf(grader), (read) => {
    const { questions, scored } = verdictsOf(read, { item, sample: Sample.ofText(model_sample) }, replies)
    return replies.length < questions.length ? { questions } : answer(grader, read, scored, elapsed())
  })
}

/** Returns the problems for which a grader cannot be run, or a `multi` only gives an error. */
export const validate = (grader: Grader.GraderParam): ReadonlyArray<Problem> => {
  if (grader.type !== "multi") {
    return Result.match(alone(grader), { onFailure: (problems) => problems, onSuccess: () => [] })
  }
  const read = multi.compile(grader)
  return [...read.problems, ...multi.formulaProblems(read)]
}
