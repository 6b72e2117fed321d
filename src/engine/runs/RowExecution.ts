/**
 * Executes a run that asks models, or that is retried. Each row is sampled, judged and stored independently of the others. The endpoints of
 * the models bound the number of concurrent rows.
 */
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Stream from "effect/Stream"
import * as Criteria from "../graders/Criteria.ts"
import type { Reply } from "../graders/Scored.ts"
import type { ModelError } from "../models/ModelError.ts"
import { Models, type Request } from "../models/Models.ts"
import { replyTo } from "../models/reply.ts"
import { failedText, sampleText } from "../models/samples.ts"
import { Spending } from "../models/Spending.ts"
import type * as Lines from "../rows/Lines.ts"
import { type RowLine, rowLines } from "../rows/RowLine.ts"
import * as EvalText from "../texts/EvalText.ts"
import type { IdGenerator } from "../texts/IdGenerator.ts"
import type { PreparedRow } from "../work/protocol.ts"
import { Workers } from "../work/Workers.ts"
import type { Changes } from "./Changes.ts"
import * as RowJudge from "./RowJudge.ts"
import * as RowStore from "./RowStore.ts"
import * as RowWindow from "./RowWindow.ts"
import * as RunSpending from "./RunSpending.ts"
import { change, fail, type Job, stop } from "./RunStatus.ts"
import { startOrResume, linesOf, type StartedRun, Unrunnable } from "./StartedRun.ts"
import * as storedReply from "./storedReply.ts"

type Needs = SqlClient.SqlClient | Workers | IdGenerator | Changes

/** The number of lines that are read, and whose requests are made, in one batch. */
const linesAtOnce = 64

/** The most concurrent questions of one row. */
const questionsAtOnce = 16

/**
 * The most rows that start before the first one is judged. A broken judge then ends the run before much is spent on
 * sampling.
 */
const rowsBeforeVerdict = 100

/** The answer that a row needs before it is judged. */
type Need =
  /** None: the line has a sample, or needs none. */
  | { readonly _tag: "Nothing"; readonly text: string }
  /** The answer to the request for a sample. */
  | { readonly _tag: "Sample"; readonly item: string; readonly request: Request }

/** A row to be executed. */
interface Task {
  readonly row: number
  /** The number of rows that this execution began before. */
  readonly before: number
  readonly line: RowLine
  readonly need: Need
}

const decoder = new TextDecoder()

const withSample = (item: string, sample: string): string => `{"item":${item},"sample":${sample}}`

/** The parts of an execution. */
interface Parts {
  readonly started: StartedRun
  readonly store: RowStore.RowStore
  readonly window: RowWindow.RowWindow
  readonly judge: RowJudge.RowJudge
  /** Completed once a row was judged or its judging failed. Completed from the start if no criterion asks a model. */
  readonly verdict: Deferred.Deferred<void>
  readonly spending: RunSpending.RunSpending
}

/** A row needs an answer, and the run has reached its spending limit. The row stays unfinished. */
class Unpaid extends Data.TaggedError("Unpaid")<{}> {}

// =============================================================================
// one row
// =============================================================================

const sampleStep = "sample"

/** Returns the sample of a row without an answer. */
const unsampled = (error: ModelError): Effect.Effect<string, Unpaid | Unrunnable> => {
  if (error.reason._tag === "CeilingReached") return Effect.fail(new Unpaid())
  return error.isFatal ? Effect.fail(new Unrunnable(error.wire)) : Effect.succeed(failedText(error.wire))
}

/** Returns the line of a row with the sample of the model. A permanent failure of the model ends the run. */
const sampled = ({ started, store, window }: Parts, row: number, item: string, request: Request) =>
  Effect.gen(function* () {
    const known = store.answerTo(row, sampleStep)
    if (known !== undefined) return withSample(item, known)
    const models = yield* Models
    const sample = yield* models.ask({ ...request, purpose: "sample", group: started.run.id }).pipe(
      Effect.map((answer) => sampleText(request, answer)),
      Effect.tap((text) => store.keepAnswer(row, sampleStep, text)),
      Effect.catch(unsampled)
    )
    yield* window.grow(row, sample.length)
    return withSample(item, sample)
  })

const replyOf = ({ spending, store, window }: Parts, row: number, step: string, ask: Effect.Effect<Reply>) =>
  Effect.gen(function* () {
    const stored = store.answerTo(row, step)
    const known = stored === undefined ? undefined : storedReply.decode(stored)
    if (known !== undefined) return known
    const reply = yield* ask
    if (reply._tag === "Unanswered" && reply.code === spending.reached()?.code) return yield* new Unpaid()
    if (reply._tag === "Unanswered") return reply.fatal ? yield* new Unrunnable(reply) : reply
    const body = storedReply.encode(reply)
    yield* store.keepAnswer(row, step, body)
    yield* window.grow(row, body.length)
    return reply
  })

const repliesTo = (parts: Parts, row: number, asked: ReadonlyArray<Criteria.CriterionQuestions>) =>
  Effect.forEach(
    asked,
    ({ criterion, questions }): Effect.Effect<Criteria.CriterionReplies, Unrunnable | Unpaid> =>
      Effect.map(
        Effect.forEach(
          questions,
          (question, index) =>
            replyOf(parts, row, `judge ${criterion} ${index}`, replyTo(question, parts.started.run.id)),
          { concurrency: questionsAtOnce }
        ),
        (replies) => ({ criterion, replies })
      ),
    { concurrency: questionsAtOnce }
  )

const execute = (parts: Parts, task: Task) =>
  Effect.gen(function* () {
    const { judge, store, verdict, window } = parts
    const { before, line, need, row } = task
    if (before >= rowsBeforeVerdict) yield* Deferred.await(verdict)
    const text = need._tag === "Nothing" ? need.text : yield* sampled(parts, row, need.item, need.request)
    let { judged, usage } = yield* judge(text, [])
    if (judged.status === "asking") {
      const replies = yield* repliesTo(parts, row, judged.questions)
      ;({ judged, usage } = yield* judge(text, replies))
    }
    if (judged.status === "asking") {
      return yield* new Unrunnable({ code: "internal_error", message: "A criterion asked again after its replies." })
    }
    const oldest = yield* store.finish({ row, next: line.next, graded: judged, usage })
    yield* Deferred.succeed(verdict, undefined)
    yield* window.leave([row], oldest)
  })

// =============================================================================
// all rows
// =============================================================================

const needOf = (row: PreparedRow): Need =>
  row._tag === "Request"
    ? { _tag: "Sample", item: row.item, request: row.request }
    : { _tag: "Nothing", text: withSample(row.item, failedText(row.cause)) }

/** Returns the rows of a batch of lines. `source` is undefined if the rows have samples. */
const tasksOf = (
  source: string | undefined,
  lines: Lines.Lines
): Effect.Effect<ReadonlyArray<Pick<Task, "line" | "need">>, Unrunnable, Workers> =>
  Effect.gen(function* () {
    const rows = rowLines(lines)
    if (source === undefined) {
      return rows.map((line) => ({ line, need: { _tag: "Nothing", text: decoder.decode(line.bytes) } }))
    }
    const workers = yield* Workers
    const prepared = yield* Effect.mapError(
      workers.prepare(source, lines.bytes),
      ({ message }) =>
        new Unrunnable({ code: "internal_error", message: `The requests of rows could not be made: ${message}.` })
    )
    if (prepared.length !== rows.length) {
      return yield* new Unrunnable({
        code: "internal_error",
        message: `A worker prepared ${prepared.length} of ${rows.length} rows.`
      })
    }
    return rows.flatMap((line, index) => {
      const row = prepared[index]
      return row === undefined ? [] : [{ line, need: needOf(row) }]
    })
  })

const run = (started: StartedRun) =>
  Effect.gen(function* () {
    const spending = yield* RunSpending.open(started.job)
    const store = yield* RowStore.make(started, spending)
    const verdict = yield* Deferred.make<void>()
    if (Criteria.models(Criteria.ofText(started.criteriaText)).length === 0) yield* Deferred.succeed(verdict, undefined)
    // a run that may spend no more has no verdict to wait for
    if (spending.stop !== undefined) {
      yield* Effect.forkScoped(Effect.andThen(spending.stop, Deferred.succeed(verdict, undefined)))
    }
    const parts: Parts = {
      started,
      store,
      window: yield* RowWindow.make(store.from.row),
      judge: yield* RowJudge.make(started.criteriaText),
      verdict,
      spending
    }
    const source = EvalText.sampledSourceOf(started.run.body)
    // a worker loads the criteria while the first answers are pending
    yield* Effect.forkScoped(Effect.ignore(parts.judge(withSample("{}", "{}"), [])))
    let next = store.from.row
    let begun = 0
    const tasks = linesOf(started, store.from, () => linesAtOnce).pipe(
      Stream.mapEffect((lines) => tasksOf(source, lines), { concurrency: 2 }),
      Stream.flattenIterable,
      // without this, a row would wait for the other rows of its batch
      Stream.rechunk(1),
      Stream.map((task) => ({ ...task, row: next++ })),
      Stream.filterEffect((task) =>
        store.isFinished(task.row)
          ? Effect.as(
              Effect.flatMap(store.pass(task.row, task.line.next), (oldest) => parts.window.leave([], oldest)),
              false
            )
          : Effect.as(parts.window.enter(task.row, task.line.bytes.length), true)
      ),
      Stream.map((task): Task => ({ ...task, before: begun++ }))
    )
    // rows that have started go on: their answers may be enough to finish them
    yield* (spending.stop === undefined ? tasks : Stream.interruptWhen(tasks, spending.stop)).pipe(
      Stream.mapEffect((task) => Effect.catchTag(execute(parts, task), "Unpaid", () => Effect.void), {
        concurrency: RowWindow.mostRows,
        unordered: true
      }),
      Stream.runDrain,
      Effect.provideService(Spending, spending)
    )
    yield* store.settle
    return spending.reached()
  })

/** Executes a run to its end, or until the fiber is interrupted. A later execution resumes it. */
export const executeRows = (job: Job): Effect.Effect<void, SqlError, Needs> =>
  Effect.gen(function* () {
    const started = yield* startOrResume(job)
    if (started === undefined) return
    const reached = yield* Effect.scoped(run(started))
    yield* reached === undefined
      ? change(job, "complete", started.criteria, null)
      : stop(job, started.criteria, reached)
  }).pipe(
    Effect.catchTags({
      Unrunnable: ({ code, message }) => fail(job, { code, message }),
      // the fiber or process that ended the run has notified the watchers
      Overtaken: () => Effect.void
    })
  )
