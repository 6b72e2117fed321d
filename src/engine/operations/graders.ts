/** @internal */
import * as Effect from "effect/Effect"
import type * as Grader from "../../schema/Grader.ts"
import { formatPath } from "../../schema/issues.ts"
import { invalid, type Rejection } from "../Rejection.ts"
import { notStarted } from "./shared.ts"
import { UnusableGrader, type WorkerDied, Workers, type WorkTimedOut } from "../Workers.ts"

/** Operations on graders alone; nothing of them is kept. Answers are JSON as it is served. */
export interface Operations {
  readonly runGrader: (params: Grader.RunParams) => Effect.Effect<string, Rejection>
  readonly validateGrader: (params: Grader.ValidateParams) => Effect.Effect<string, Rejection>
}

const refused = (error: UnusableGrader | WorkTimedOut | WorkerDied): Rejection => {
  switch (error._tag) {
    case "UnusableGrader": {
      const [first] = error.problems
      return invalid(error.message, first === undefined ? null : formatPath(first.path), "unsupported_grader")
    }
    case "WorkTimedOut":
    case "WorkerDied":
      return notStarted(error) ?? invalid(`The grader could not be run: ${error.message}.`, "grader", "grader_error")
  }
}

/** The operations over the workers. */
export const make: Effect.Effect<Operations, never, Workers> = Effect.gen(function* () {
  const workers = yield* Workers
  return {
    runGrader: (params) =>
      workers.runGrader(params).pipe(
        Effect.map((response) => JSON.stringify(response)),
        Effect.mapError(refused)
      ),
    validateGrader: ({ grader }) =>
      Effect.gen(function* () {
        const problems = yield* Effect.mapError(workers.validateGrader(grader), refused)
        if (problems.length > 0) return yield* refused(new UnusableGrader({ problems }))
        return JSON.stringify({ grader })
      })
  }
})
