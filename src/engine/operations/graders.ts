/** @internal */
import * as Effect from "effect/Effect"
import type * as Grader from "../../schema/Grader.ts"
import { formatPath } from "../../schema/issues.ts"
import type { Problem } from "../graders/multi.ts"
import type { RunParams } from "../graders/endpoint.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"
import { notStarted, type Noted, severalOf } from "./shared.ts"
import { UnusableGrader, type WorkerDied, type WorkTimedOut } from "../work/workErrors.ts"
import { Workers } from "../work/Workers.ts"

/** Operations on graders. The engine stores nothing for them. Their answers are JSON texts as they are served. */
export interface Operations {
  readonly runGrader: (params: RunParams) => Effect.Effect<string, Rejection>
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

const asks: Problem = {
  path: ["grader"],
  message: "this grader asks a model, and no model is configured",
  code: "unsupported_grader"
}

/** Makes the operations over the workers. */
export const make: Effect.Effect<Operations, never, Workers> = Effect.gen(function* () {
  const workers = yield* Workers
  return {
    runGrader: (params) =>
      workers.runGrader(params).pipe(
        Effect.filterOrFail(
          (answer) => !("questions" in answer),
          () => new UnusableGrader({ problems: [asks] })
        ),
        Effect.map((response) => JSON.stringify(response)),
        Effect.mapError(refused)
      ),
    validateGrader: ({ grader }) =>
      Effect.gen(function* () {
        const problems = yield* Effect.mapError(workers.validateGrader(grader), refused)
        if (!problems.every(isUnsupported)) return yield* refused(new UnusableGrader({ problems }))
        const why = problems.map(({ message, path }) => `${formatPath(path)}: ${message}`)
        return {
          answer: JSON.stringify({ grader }),
          warnings: why.length === 0 ? [] : [`graders/run refuses this grader: ${severalOf(why)}`]
        }
      })
  }
})
