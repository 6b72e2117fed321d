import {
  awaitRun,
  EvalId,
  FileId,
  listRuns,
  OutputItemId,
  retrieveEval,
  retrieveFile,
  retrieveOutputItem,
  retrieveRun,
  type Run,
  RunId
} from "effect-evals"
import { expect, test } from "tstyche"

declare const run: Run.Run

test("an id is a string, and no string is an id", () => {
  expect(EvalId.make("eval_1")).type.toBe<EvalId>()
  expect<EvalId>().type.toBeAssignableTo<string>()
  expect<string>().type.not.toBeAssignableTo<EvalId>()
  expect(retrieveEval).type.not.toBeCallableWith("eval_1")
})

test("no id stands where another is wanted", () => {
  expect<RunId>().type.not.toBeAssignableTo<EvalId>()
  expect<OutputItemId>().type.not.toBeAssignableTo<RunId>()
  expect<FileId>().type.not.toBeAssignableTo<OutputItemId>()
  expect(retrieveFile).type.not.toBeCallableWith(EvalId.make("eval_1"))
})

test("ids come in the order eval, run, item", () => {
  const ids = [EvalId.make("eval_1"), RunId.make("evalrun_1"), OutputItemId.make("outputitem_1")] as const
  expect(retrieveRun).type.toBeCallableWith(ids[0], ids[1])
  expect(retrieveRun).type.not.toBeCallableWith(ids[1], ids[0])
  expect(awaitRun).type.not.toBeCallableWith(ids[1], ids[0])
  expect(retrieveOutputItem).type.toBeCallableWith(ids[0], ids[1], ids[2])
  expect(retrieveOutputItem).type.not.toBeCallableWith(ids[0], ids[2], ids[1])
})

test("what is read brings its ids along", () => {
  expect(run.id).type.toBe<RunId>()
  expect(run.eval_id).type.toBe<EvalId>()
  expect(listRuns).type.toBeCallableWith(run.eval_id, { after: run.id })
  expect(listRuns).type.not.toBeCallableWith(run.eval_id, { after: run.eval_id })
})

test("a file's id in a run's source may be any string, since it often comes from elsewhere", () => {
  expect<Run.CreateParams["data_source"]>().type.toBeAssignableFrom<{
    readonly type: "jsonl"
    readonly source: { readonly type: "file_id"; readonly id: string }
  }>()
  expect(FileId.make("file-1")).type.toBeAssignableTo<string>()
})
