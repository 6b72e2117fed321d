import { type Effect, type Schedule, Stream } from "effect"
import {
  awaitRun,
  cancelRun,
  createEval,
  createRun,
  type DataSource,
  deleteEval,
  deleteFile,
  deleteRun,
  downloadFile,
  type Eval,
  type EvalId,
  EvalsClient,
  type EvalsError,
  type EvalsFile,
  executeRun,
  type FileId,
  type Finding,
  type Grader,
  lintEval,
  listEvals,
  listEvalsPage,
  listFiles,
  listFilesPage,
  listOutputItems,
  listOutputItemsPage,
  listRuns,
  listRunsPage,
  type OutputItem,
  type OutputItemId,
  type Page,
  Pagination,
  Polling,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  Retry,
  type Run,
  type RunCanceled,
  type RunFailed,
  type RunId,
  type RunTimedOut,
  runGrader,
  updateEval,
  Upload,
  uploadFile,
  validateGrader,
  watchRun
} from "effect-evals"
import { describe, expect, test } from "tstyche"

declare const evalId: EvalId
declare const runId: RunId
declare const itemId: OutputItemId
declare const fileId: FileId
declare const evalParams: Eval.CreateParams
declare const runParams: Run.CreateParams
declare const run: Run.Run
declare const grader: Grader.GraderParam
declare const evals: EvalsClient.Operations
declare const own: (cursor: Pagination.Cursor<string>) => Effect.Effect<Page<{ readonly id: string }>, "own">

type Answer<A> = Effect.Effect<A, EvalsError.EvalsError, EvalsClient.EvalsClient>
type Answers<A> = Stream.Stream<A, EvalsError.EvalsError, EvalsClient.EvalsClient>
type Waited = Effect.Effect<
  Run.Run,
  EvalsError.EvalsError | RunFailed | RunCanceled | RunTimedOut,
  EvalsClient.EvalsClient
>

describe("each operation has its success, one error, and asks for the client alone", () => {
  test("evals", () => {
    expect(createEval(evalParams)).type.toBe<Answer<Eval.Eval>>()
    expect(retrieveEval(evalId)).type.toBe<Answer<Eval.Eval>>()
    expect(updateEval(evalId, { name: "a" })).type.toBe<Answer<Eval.Eval>>()
    expect(deleteEval(evalId)).type.toBe<Answer<Eval.Deleted>>()
    expect(listEvalsPage()).type.toBe<Answer<Page<Eval.Eval>>>()
    expect(listEvals()).type.toBe<Answers<Eval.Eval>>()
  })

  test("runs", () => {
    expect(createRun(evalId, runParams)).type.toBe<Answer<Run.Run>>()
    expect(retrieveRun(evalId, runId)).type.toBe<Answer<Run.Run>>()
    expect(cancelRun(evalId, runId)).type.toBe<Answer<Run.Run>>()
    expect(deleteRun(evalId, runId)).type.toBe<Answer<Run.Deleted>>()
    expect(listRunsPage(evalId)).type.toBe<Answer<Page<Run.Run>>>()
    expect(listRuns(evalId)).type.toBe<Answers<Run.Run>>()
    expect(Stream.runCollect(listRuns(evalId))).type.toBe<
      Effect.Effect<Array<Run.Run>, EvalsError.EvalsError, EvalsClient.EvalsClient>
    >()
  })

  test("waiting for runs, which has errors of its own", () => {
    expect(awaitRun(evalId, runId)).type.toBe<Waited>()
    expect(awaitRun(evalId, runId, { timeout: "1 hour" })).type.toBe<Waited>()
    expect(executeRun(evalId, runParams)).type.toBe<Waited>()
    expect(watchRun(evalId, runId)).type.toBe<Answers<Run.Run>>()
  })

  test("waiting for a run that is at hand", () => {
    expect(awaitRun(run)).type.toBe<Waited>()
    expect(awaitRun(run, { timeout: "1 hour", headers: { "x-team": "quality" }, retry: false })).type.toBe<Waited>()
    expect(watchRun(run, { retry: Retry.none })).type.toBe<Answers<Run.Run>>()
    expect(awaitRun).type.not.toBeCallableWith(evalId)
    expect(awaitRun).type.not.toBeCallableWith(run, runId)
    expect(awaitRun).type.not.toBeCallableWith({ id: evalId, eval_id: runId })
    expect(watchRun).type.not.toBeCallableWith(run, { timeout: "1 hour" })
  })

  test("output items", () => {
    expect(retrieveOutputItem(evalId, runId, itemId)).type.toBe<Answer<OutputItem.OutputItem>>()
    expect(listOutputItemsPage(evalId, runId)).type.toBe<Answer<Page<OutputItem.OutputItem>>>()
    expect(listOutputItems(evalId, runId)).type.toBe<Answers<OutputItem.OutputItem>>()
  })

  test("files", () => {
    expect(uploadFile({ file: Upload.fromRows([]), purpose: "evals" })).type.toBe<Answer<EvalsFile.EvalsFile>>()
    expect(retrieveFile(fileId)).type.toBe<Answer<EvalsFile.EvalsFile>>()
    expect(deleteFile(fileId)).type.toBe<Answer<EvalsFile.Deleted>>()
    expect(listFilesPage()).type.toBe<Answer<Page<EvalsFile.EvalsFile>>>()
    expect(listFiles()).type.toBe<Answers<EvalsFile.EvalsFile>>()
    expect(downloadFile(fileId)).type.toBe<Answers<Uint8Array>>()
  })

  test("graders", () => {
    expect(runGrader({ grader, model_sample: "a" })).type.toBe<Answer<Grader.RunResponse>>()
    expect(validateGrader({ grader })).type.toBe<Answer<Grader.ValidateResponse>>()
  })
})

describe("operations as a value require nothing", () => {
  type Bound<A> = Effect.Effect<A, EvalsError.EvalsError>
  type BoundStream<A> = Stream.Stream<A, EvalsError.EvalsError>
  type BoundWaited = Effect.Effect<Run.Run, EvalsError.EvalsError | RunFailed | RunCanceled | RunTimedOut>

  test("the value has a type with a name, and asks for the client once", () => {
    expect(EvalsClient.operations).type.toBe<Effect.Effect<EvalsClient.Operations, never, EvalsClient.EvalsClient>>()
  })

  test("evals", () => {
    expect(evals.createEval(evalParams)).type.toBe<Bound<Eval.Eval>>()
    expect(evals.retrieveEval(evalId)).type.toBe<Bound<Eval.Eval>>()
    expect(evals.updateEval(evalId, { name: "a" })).type.toBe<Bound<Eval.Eval>>()
    expect(evals.deleteEval(evalId)).type.toBe<Bound<Eval.Deleted>>()
    expect(evals.listEvalsPage()).type.toBe<Bound<Page<Eval.Eval>>>()
    expect(evals.listEvals()).type.toBe<BoundStream<Eval.Eval>>()
  })

  test("runs, and waiting for them", () => {
    expect(evals.createRun(evalId, runParams)).type.toBe<Bound<Run.Run>>()
    expect(evals.retrieveRun(evalId, runId)).type.toBe<Bound<Run.Run>>()
    expect(evals.cancelRun(evalId, runId)).type.toBe<Bound<Run.Run>>()
    expect(evals.deleteRun(evalId, runId)).type.toBe<Bound<Run.Deleted>>()
    expect(evals.listRunsPage(evalId)).type.toBe<Bound<Page<Run.Run>>>()
    expect(evals.listRuns(evalId)).type.toBe<BoundStream<Run.Run>>()
    expect(evals.awaitRun(evalId, runId, { timeout: "1 hour" })).type.toBe<BoundWaited>()
    expect(evals.executeRun(evalId, runParams)).type.toBe<BoundWaited>()
    expect(evals.watchRun(evalId, runId)).type.toBe<BoundStream<Run.Run>>()
    expect(evals.awaitRun(run)).type.toBe<BoundWaited>()
  })

  test("output items, files and graders", () => {
    expect(evals.retrieveOutputItem(evalId, runId, itemId)).type.toBe<Bound<OutputItem.OutputItem>>()
    expect(evals.listOutputItemsPage(evalId, runId)).type.toBe<Bound<Page<OutputItem.OutputItem>>>()
    expect(evals.listOutputItems(evalId, runId)).type.toBe<BoundStream<OutputItem.OutputItem>>()
    expect(evals.uploadFile({ file: Upload.fromRows([]), purpose: "evals" })).type.toBe<Bound<EvalsFile.EvalsFile>>()
    expect(evals.retrieveFile(fileId)).type.toBe<Bound<EvalsFile.EvalsFile>>()
    expect(evals.deleteFile(fileId)).type.toBe<Bound<EvalsFile.Deleted>>()
    expect(evals.listFilesPage()).type.toBe<Bound<Page<EvalsFile.EvalsFile>>>()
    expect(evals.listFiles()).type.toBe<BoundStream<EvalsFile.EvalsFile>>()
    expect(evals.downloadFile(fileId)).type.toBe<BoundStream<Uint8Array>>()
    expect(evals.runGrader({ grader, model_sample: "a" })).type.toBe<Bound<Grader.RunResponse>>()
    expect(evals.validateGrader({ grader })).type.toBe<Bound<Grader.ValidateResponse>>()
  })
})

describe("combinators keep the type of what they are given", () => {
  test("Retry.withPolicy and Polling.withPolicy, piped and called", () => {
    expect(retrieveRun(evalId, runId).pipe(Retry.withPolicy(Retry.none))).type.toBe<Answer<Run.Run>>()
    expect(Retry.withPolicy(retrieveRun(evalId, runId), Retry.transient())).type.toBe<Answer<Run.Run>>()
    expect(awaitRun(evalId, runId).pipe(Polling.withPolicy(Polling.growing()))).type.toBe<Waited>()
    expect(Polling.withPolicy(awaitRun(evalId, runId), Polling.growing())).type.toBe<Waited>()
    expect(listRuns(evalId).pipe(Retry.withPolicy(Retry.none))).type.toBe<Answers<Run.Run>>()
    expect(Retry.withPolicy(downloadFile(fileId), Retry.none)).type.toBe<Answers<Uint8Array>>()
    expect(watchRun(evalId, runId).pipe(Polling.withPolicy(Polling.growing()))).type.toBe<Answers<Run.Run>>()
    expect(Polling.withPolicy(watchRun(evalId, runId), Polling.growing())).type.toBe<Answers<Run.Run>>()
  })

  test("also where the type is one of the caller's parameters", () => {
    const patient = <A, E, R>(effect: Effect.Effect<A, E, R>, stream: Stream.Stream<A, E, R>) =>
      [effect.pipe(Retry.withPolicy(Retry.none)), stream.pipe(Retry.withPolicy(Retry.none))] as const
    expect(patient(retrieveRun(evalId, runId), listRuns(evalId))).type.toBe<
      readonly [Answer<Run.Run>, Answers<Run.Run>]
    >()
    expect(Retry.withPolicy).type.not.toBeCallableWith("no program", Retry.none)
    expect(Retry.withPolicy(Retry.none)).type.not.toBeCallableWith("no program")
  })

  test("Pagination.items gives the items of any list, and adds its own error to the list's", () => {
    const list = (cursor: Pagination.Cursor<RunId>) => listRunsPage(evalId, cursor)
    expect(Pagination.items(list, {})).type.toBe<Answers<Run.Run>>()
    expect(Pagination.pages(list, {})).type.toBe<Answers<Page<Run.Run>>>()
    expect(Pagination.items(own, {})).type.toBe<Stream.Stream<{ readonly id: string }, "own" | EvalsError.EvalsError>>()
  })

  test("a policy decides by the library's errors alone", () => {
    expect(Retry.none).type.toBe<Retry.Policy>()
    expect(Retry.transient).type.toBeCallableWith({ times: 3, base: "1 second" })
    expect(Retry.transient).type.not.toBeCallableWith({ attempts: 3 })
    expect(Polling.growing).type.not.toBeCallableWith({ base: "soon" })
    expect<Retry.Relaxed>().type.toBeAssignableFrom<{
      readonly policy: Schedule.Schedule<number>
      readonly retryable: (error: EvalsError.EvalsError) => boolean
    }>()
    expect<Retry.Relaxed>().type.not.toBeAssignableFrom<{ readonly retryable: () => boolean }>()
    expect<Retry.Policy>().type.not.toBeAssignableFrom<Schedule.Schedule<number, string>>()
  })
})

test("lintEval looks at parameters and makes no request", () => {
  expect(lintEval(evalParams)).type.toBe<ReadonlyArray<Finding>>()
  expect(lintEval(evalParams, runParams)).type.toBe<ReadonlyArray<Finding>>()
  expect(lintEval).type.not.toBeCallableWith(runParams)
})

test("what is uploaded are rows as runs take them", () => {
  expect(Upload.fromRows).type.toBeCallableWith([{ item: { a: 1 }, sample: { output_text: "b" } }])
  expect(Upload.fromRows).type.not.toBeCallableWith([{ row: {} }])
  expect<DataSource.RowParam>().type.not.toBeAssignableFrom<{ readonly item: string }>()
  expect<DataSource.RowParam>().type.toBeAssignableFrom<{
    readonly item: { readonly a?: number | undefined }
    readonly sample?: { readonly output_text: string } | undefined
  }>()
})
