/**
 * Makes a run with what belongs to it: the eval, the uploaded rows, the run. Of
 * what it has made nothing is left where no run comes of it.
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as References from "effect/References"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { createEval, deleteEval } from "../Evals.ts"
import { deleteFile } from "../Files.ts"
import { createRun, listRunsPage } from "../Runs.ts"
import type * as Eval from "../schema/Eval.ts"
import { type EvalId, FileId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import { cancelTimeout } from "../Waiting.ts"
import { withProgressLine } from "./progressLine.ts"
import type { Target } from "./target.ts"
import * as Rows from "./rows.ts"
import { Stop } from "./Stop.ts"
import { warned } from "./warned.ts"
import { roughDuration } from "../report/format.ts"

/** What is made. */
export interface Making {
  readonly eval: Eval.CreateParams
  readonly run: Run.CreateParams
  /** Whether another eval is made, though there is one of the same definition. */
  readonly isNew: boolean
  /** Rows that are uploaded in place of the run's source. */
  readonly rows: Rows.Rows | undefined
}

/** What was made. */
export interface Made {
  readonly eval: Eval.Eval
  readonly run: Run.Run
  /** The run of the same eval that was completed last before this one, where the eval was there. */
  readonly before: Run.Run | undefined
  /** How many rows there are, where that is known. */
  readonly rows: number | undefined
  /** What the host warned of when it created the run. */
  readonly warnings: ReadonlyArray<string>
}

// rows are looked at before a run is created: large files take their time
const creationTimeout = "1 hour"

const checkingView = {
  done: () => 0,
  line: (millis: number) => `creating the run, which looks at every row: ${roughDuration(millis / 1000)} so far`,
  stays: false
}

// what there is to say of a definition was said when it was read
const quietly = Effect.provideService(References.MinimumLogLevel, "Error")

/** Whether it is certain that a request has done nothing. */
const isRefused = ({ status }: EvalsError): boolean => status !== undefined && status >= 400 && status < 500

const create = (evalId: EvalId, params: Run.CreateParams) =>
  withProgressLine(checkingView, (onProgress) =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const ticking = Effect.gen(function* () {
        while (true) {
          yield* Effect.sleep("1 second")
          yield* onProgress((yield* Clock.currentTimeMillis) - began)
        }
      })
      return yield* Effect.raceFirst(
        warned(quietly(createRun(evalId, params, { timeout: creationTimeout }))),
        Effect.interruptible(ticking)
      )
    })
  )

/** What there is so far, to be removed where no run comes of it. */
interface Begun {
  evalId: EvalId | undefined
  /** The eval, where it was there before: it is not removed. */
  known: EvalId | undefined
  fileId: FileId | undefined
  /** Whether a run may have been created though the answer was lost. */
  uncertain: boolean
}

const removal = <R>(id: string, remove: Effect.Effect<unknown, EvalsError, R>) =>
  Effect.matchEffect(remove, {
    onFailure: (error) => Effect.as(Console.error(`left     ${id}, which could not be removed: ${error.message}`), []),
    onSuccess: () => Effect.succeed([id])
  })

const removeBoth = ({ evalId, fileId }: Begun) =>
  Effect.gen(function* () {
    const gone = [
      ...(evalId === undefined ? [] : yield* removal(evalId, deleteEval(evalId))),
      ...(fileId === undefined ? [] : yield* removal(fileId, deleteFile(fileId)))
    ]
    if (gone.length > 0) yield* Console.error(`removed  ${gone.join(" and ")}, since there is no run`)
  })

// a run of an eval that was made just now can only be the one whose answer was lost
const remove = (begun: Begun, target: Target) =>
  Effect.gen(function* () {
    const { evalId, known } = begun
    if (begun.uncertain && known !== undefined) {
      return yield* Console.error(
        `whether the run was created is not known, so nothing was removed: effect-evals list ${known}${target.flags}`
      )
    }
    if (!begun.uncertain || evalId === undefined) return yield* removeBoth(begun)
    const [run] = (yield* listRunsPage(evalId, { limit: 1 })).data
    return yield* run === undefined
      ? removeBoth(begun)
      : Console.error(`the run was created all the same, and goes on: effect-evals watch ${run.id}${target.flags}`)
  }).pipe(
    Effect.timeout(cancelTimeout),
    Effect.catch((error) =>
      Console.error(
        `whether there is a run of ${begun.evalId} is not known, so nothing was removed (${error.message}): ` +
          `effect-evals list ${begun.evalId}${target.flags}`
      )
    )
  )

// what a run is compared with is no reason to make none
const lastCompleted = (evalId: EvalId) =>
  listRunsPage(evalId, { status: "completed", order: "desc", limit: 1 }).pipe(
    Effect.map(({ data: [run] }) => run),
    Effect.orElseSucceed(() => undefined)
  )

/**
 * Makes the eval, unless there is one of the same definition, uploads the rows and creates the run. An error, of whatever
 * kind, and an interruption remove what was made before the run.
 */
export const make = (
  { eval: evalParams, isNew, rows, run }: Making,
  target: Target
): Effect.Effect<Made, Stop | EvalsError, EvalsClient | Stdio.Stdio | Terminal.Terminal> =>
  Effect.suspend(() => {
    const begun: Begun = { evalId: undefined, known: undefined, fileId: undefined, uncertain: false }
    return Effect.gen(function* () {
      // a host may let a key create evals, and list none
      const known = isNew ? undefined : yield* Effect.orElseSucceed(target.evalFrom(evalParams), () => undefined)
      const one = known ?? (yield* quietly(createEval(evalParams)))
      if (known === undefined) begun.evalId = one.id
      else begun.known = one.id
      yield* Console.error(`eval     ${one.id}${known === undefined ? "" : "  its definition is unchanged"}`)
      const before = known === undefined ? undefined : yield* lastCompleted(known.id)
      const sent = rows === undefined ? undefined : yield* Effect.interruptible(Rows.send(rows.upload))
      if (sent !== undefined) {
        begun.fileId = FileId.make(sent.id)
        yield* Console.error(`file     ${sent.id}  ${sent.words}`)
      }
      const { source } = run.data_source
      const params: Run.CreateParams =
        sent === undefined
          ? run
          : { ...run, data_source: { ...run.data_source, source: { type: "file_id", id: FileId.make(sent.id) } } }
      const { value: created, warnings } = yield* Effect.catch(
        Effect.tapError(create(one.id, params), (error) =>
          Effect.sync(() => {
            begun.uncertain = !isRefused(error)
          })
        ),
        (error) =>
          Effect.gen(function* () {
            if (sent === undefined || rows === undefined) return yield* error
            const { code, message } = target.explain(error)
            return yield* new Stop({ code, message: yield* Rows.named(rows, sent.id, message) })
          })
      )
      return {
        eval: one,
        run: created,
        before,
        warnings:
          sent === undefined || rows === undefined
            ? warnings
            : yield* Effect.forEach(warnings, (warning) => Rows.named(rows, sent.id, warning)),
        rows: sent?.rows ?? (source.type === "file_content" ? source.content.length : undefined)
      }
    }).pipe(
      Effect.onError(() => remove(begun, target)),
      // what is created is known, or was not created
      Effect.uninterruptible
    )
  })
