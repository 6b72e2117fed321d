import { type Effect, Stream } from "effect"
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
  type EvalsClient,
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
declare const grader: Grader.GraderParam
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

describe("combinators keep the type of what they are given", () => {
  test("Retry.withPolicy and Polling.withPolicy, piped and called", () => {
    expect(retrieveRun(evalId, runId).pipe(Retry.withPolicy(Retry.none))).type.toBe<Answer<Run.Run>>()
    expect(Retry.withPolicy(retrieveRun(evalId, runId), Retry.transient())).type.toBe<Answer<Run.Run>>()
    expect(awaitRun(evalId, runId).pipe(Polling.withPolicy(Polling.growing()))).type.toBe<Waited>()
    expect(Polling.withPolicy(awaitRun(evalId, runId), Polling.growing())).type.toBe<Waited>()
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
})
