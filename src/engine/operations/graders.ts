/** @internal */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type * as Grader from "../../schema/Grader.ts"
import { formatPath } from "../../schema/issues.ts"
import type { Problem } from "../graders/multi.ts"
import * as graderEndpoints from "../graders/graderEndpoints.ts"
import { Models, type Service as ModelsService } from "../models/Models.ts"
import { replyTo, unaskable } from "../models/reply.ts"
import * as Spending from "../models/Spending.ts"
import { Budget } from "../runs/Budget.ts"
import { services } from "../runs/services.ts"
import { invalid, Rejection } from "../texts/Rejection.ts"
import { checkPricesOf } from "./priceCheck.ts"
import { notStarted, type Noted, severalOf } from "./shared.ts"
import { UnusableGrader, type WorkerDied, type WorkTimedOut } from "../work/workErrors.ts"
import { Workers } from "../work/Workers.ts"

/** Operations on graders. The engine stores nothing for them. Their answers are JSON texts as they are served. */
export interface Operations {
  /** Runs a grader. With `mayAsk: false` a grader that asks a model is refused with 403. */
  readonly runGrader: (
    params: graderEndpoints.RunParams,
    options?: { readonly mayAsk: boolean }
  ) => Effect.Effect<string, Rejection>
  /** Returns the grader if it is valid. A warning says so if this engine cannot run it. */
  readonly validateGrader: (params: Grader.ValidateParams) => Effect.Effect<Noted<string>, Rejection>
}

const isUnsupported = ({ code }: Problem): boolean => code === "unsupported_grader"

const refused = (error: UnusableGrader | WorkTimedOut | WorkerDied): Rejection => {
  switch (error._tag) {
    case "UnusableGrader": {
      const first = error.problems.find((problem) => !isUnsupported(problem)) ?? error.problems[0]
      return invalid(
        error.message,
        first === undefined ? null : formatPath(first.path),
        first === undefined ? null : first.code
      )
    }
    case "WorkTimedOut":
    case "WorkerDied":
      return notStarted(error) ?? invalid(`The grader could not be run: ${error.message}.`, "grader", "grader_error")
  }
}

/** The requests of `graders/run` share an endpoint with runs under this name. */
const group = "graders/run"

const readOnly = new Rejection({
  status: 403,
  code: "read_only",
  param: "grader",
  detail: "This server is read-only, and asks no model for graders.",
  advice: "Start it without --read-only."
})

/** The most concurrent questions of one request. */
const questionsAtOnce = 16

/** Returns the problems of models that cannot be asked. */
const unaskableModels = (models: ModelsService, grader: Grader.GraderParam): ReadonlyArray<Problem> =>
  graderEndpoints.models(grader).flatMap(({ asked, path }) => {
    const why = unaskable(models, asked)
    return why === undefined ? [] : [{ path, ...why }]
  })

/** Makes the operations over the workers and the models. */
export const make: Effect.Effect<Operations, never, Workers | SqlClient.SqlClient> = Effect.gen(function* () {
  const workers = yield* Workers
  const models = yield* Models
  const context = yield* services<never>()
  const budget = yield* Budget
  const sql = yield* SqlClient.SqlClient
  const save = Effect.ignore(Effect.provideService(budget.day.save, SqlClient.SqlClient, sql))

  /** Refuses a grader that asks models when the day may cost no more. */
  const checkBudget = Effect.fnUntraced(function* (grader: Grader.GraderParam) {
    const asked = graderEndpoints.models(grader)
    if (asked.length === 0) return
    yield* checkPricesOf(
      asked.map(({ asked: { model }, path }) => ({ model, param: formatPath(path) })),
      { maxCostPerDay: budget.options.maxCostPerDay }
    )
    const reached = budget.day.refuses()
    if (reached !== undefined) {
      return yield* new Rejection({
        status: 403,
        code: reached.code,
        param: "grader",
        detail: `No model is asked: ${reached.message}.`,
        advice: "Try it again tomorrow, or raise the limit."
      })
    }
  })

  /** Runs a grader; one with questions once more, with the replies. */
  const run = Effect.fnUntraced(function* (params: graderEndpoints.RunParams, mayAsk: boolean) {
    if (!mayAsk && graderEndpoints.models(params.grader).length > 0) return yield* readOnly
    const problems = unaskableModels(models, params.grader)
    if (problems.length > 0) return yield* new UnusableGrader({ problems })
    yield* checkBudget(params.grader)
    const first = yield* workers.runGrader(params)
    if (!("questions" in first)) return { asked: false, response: first }
    const spending = yield* Spending.make({}, budget.day)
    const replies = yield* Effect.forEach(first.questions, (question) => replyTo(question, group), {
      concurrency: questionsAtOnce
    }).pipe(Effect.provideService(Spending.Spending, spending), Effect.ensuring(save))
    const second = yield* workers.runGrader(params, replies)
    return "questions" in second
      ? yield* Effect.die(new Error("a grader asked again after its replies"))
      : { asked: true, response: second }
  }, Effect.provideContext(context))

  return {
    runGrader: (params, { mayAsk } = { mayAsk: true }) =>
      run(params, mayAsk).pipe(
        Effect.timed,
        Effect.map(([elapsed, { asked, response }]) =>
          JSON.stringify(
            asked
              ? { ...response, metadata: { ...response.metadata, execution_time: Duration.toSeconds(elapsed) } }
              : response
          )
        ),
        Effect.mapError((error) => (error._tag === "Rejection" ? error : refused(error)))
      ),
    validateGrader: ({ grader }) =>
      Effect.gen(function* () {
        const found = yield* Effect.mapError(workers.validateGrader(grader), refused)
        if (!found.every(isUnsupported)) return yield* refused(new UnusableGrader({ problems: found }))
        const why = [...found, ...unaskableModels(models, grader)].map(
          ({ message, path }) => `${formatPath(path)}: ${message}`
        )
        return {
          answer: JSON.stringify({ grader }),
          warnings: why.length === 0 ? [] : [`graders/run refuses this grader: ${severalOf(why)}`]
        }
      })
  }
})
