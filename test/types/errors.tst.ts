import { Effect, type Duration } from "effect"
import {
  awaitRun,
  type EvalId,
  type EvalsClient,
  type EvalsError,
  retrieveRun,
  type Run,
  type RunCanceled,
  type RunFailed,
  type RunId,
  type RunTimedOut
} from "effect-evals"
import { describe, expect, test } from "tstyche"

declare const evalId: EvalId
declare const runId: RunId
declare const error: EvalsError.EvalsError

const run = retrieveRun(evalId, runId)

describe("catchReason takes each reason, and gives it whole", () => {
  test("answers of the host", () => {
    run.pipe(
      Effect.catchReason("EvalsError", "BadRequestError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.BadRequestError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "AuthenticationError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.AuthenticationError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "PermissionDeniedError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.PermissionDeniedError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "NotFoundError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.NotFoundError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "ConflictError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.ConflictError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "UnprocessableEntityError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.UnprocessableEntityError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "RateLimitError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.RateLimitError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "ServerError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.ServerError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "StatusError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.StatusError>())
      )
    )
  })

  test("no usable answer", () => {
    run.pipe(
      Effect.catchReason("EvalsError", "ConnectionError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.ConnectionError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "TimeoutError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.TimeoutError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "DecodeError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.DecodeError>())
      )
    )
    run.pipe(
      Effect.catchReason("EvalsError", "EncodeError", (reason) =>
        Effect.succeed(expect(reason).type.toBe<EvalsError.EncodeError>())
      )
    )
  })

  test("and there are no others", () => {
    expect<EvalsError.Reason["_tag"]>().type.toBe<
      | "BadRequestError"
      | "AuthenticationError"
      | "PermissionDeniedError"
      | "NotFoundError"
      | "ConflictError"
      | "UnprocessableEntityError"
      | "RateLimitError"
      | "ServerError"
      | "StatusError"
      | "ConnectionError"
      | "TimeoutError"
      | "DecodeError"
      | "EncodeError"
    >()
  })
})

test("catching one reason leaves the error for the others", () => {
  const orNone = run.pipe(
    Effect.asSome,
    Effect.catchReason("EvalsError", "NotFoundError", () => Effect.succeedNone)
  )
  expect<Effect.Error<typeof orNone>>().type.toBe<EvalsError.EvalsError>()
  expect<Effect.Services<typeof orNone>>().type.toBe<EvalsClient.EvalsClient>()
})

test("the error says of itself what its reason knows", () => {
  expect(error.method).type.toBe<string>()
  expect(error.isRetryable).type.toBe<boolean>()
  expect(error.status).type.toBe<number | undefined>()
  expect(error.requestId).type.toBe<string | undefined>()
  expect(error.retryAfter).type.toBe<Duration.Duration | undefined>()
})

test("the ways a wait can end are told apart by tag, each with the run it saw", () => {
  const waited = awaitRun(evalId, runId)
  const completed = waited.pipe(
    Effect.catchTags({
      RunFailed: (failed) => Effect.succeed(expect(failed.run).type.toBe<Run.Run>()),
      RunCanceled: (canceled) => Effect.succeed(expect(canceled.run).type.toBe<Run.Run>()),
      RunTimedOut: (timedOut) => Effect.succeed(expect(timedOut.run).type.toBe<Run.Run | undefined>())
    })
  )
  expect<Effect.Error<typeof completed>>().type.toBe<EvalsError.EvalsError>()
  expect<Exclude<Effect.Error<typeof waited>, EvalsError.EvalsError>>().type.toBe<
    RunFailed | RunCanceled | RunTimedOut
  >()
})
