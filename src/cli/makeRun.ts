/**
 * Creates a run with its eval and its uploaded rows. If the run cannot be created, they are deleted again.
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
import type { HeaderValues } from "../Options.ts"
import { createRun, listRunsPage } from "../Runs.ts"
import type * as Eval from "../schema/Eval.ts"
import { type EvalId, FileId } from "../schema/Ids.ts"
import type * as Run from "../schema/Run.ts"
import { cancelTimeout } from "../Waiting.ts"
import { withProgressLine } from "./progressLine.ts"
import type { Target } from "./target.ts"
import * as Rows from "./rows.ts"
import { Stop } from "./Stop.ts"
import { withWarnings } from "./withWarnings.ts"
import { roughDuration } from "../report/format.ts"

/** The objects to create. */
export interface Plan {
  readonly eval: Eval.CreateParams
  readonly run: Run.CreateParams
  /** Whether an eval is created even if one with the same definition exists. */
  readonly isNew: boolean
  /** Rows that are uploaded and replace the source of the run. */
  readonly rows: Rows.Rows | undefined
  /** Headers of the request that creates the run. */
  readonly headers: HeaderValues
}

/** The created objects. */
export interface Made {
  readonly eval: Eval.Eval
  readonly run: Run.Run
  /** The latest completed run of the same eval, if the eval existed before. */
  readonly before: Run.Run | undefined
  /** The number of rows, if it is known. */
  readonly rows: number | undefined
  /** The warnings of the host about the creation of the run. */
  readonly warnings: ReadonlyArray<string>
}

// the host checks all rows before it creates a run, which takes long for large files
const creationTimeout = "1 hour"

const checkingView = {
  done: () => 0,
  line: (millis: number) => `creating the run; every row is checked: ${roughDuration(millis / 1000)} so far`,
  stays: false
}

/** Leaves out warnings about the definition, which were printed when it was read. */
export const quietly = Effect.provideService(References.MinimumLogLevel, "Error")

/** Returns whether a request certainly had no effect. */
const isRefused = ({ status }: EvalsError): boolean => status !== undefined && status >= 400 && status < 500

/** Creates a run, and shows that its rows are checked. Returns the run and the warnings of the host. */
export const createChecked = (evalId: EvalId, params: Run.CreateParams, headers: HeaderValues = {}) =>
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
        withWarnings(quietly(createRun(evalId, params, { timeout: creationTimeout, headers }))),
        Effect.interruptible(ticking)
      )
    })
  )

/** The objects that were created so far. They are deleted if the run cannot be created. */
interface Begun {
  evalId: EvalId | undefined
  /** The eval, if it existed before. It is not deleted. */
  known: EvalId | undefined
  fileId: FileId | undefined
  /** Whether the run may exist although its answer was lost. */
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

// a run of a new eval can only be the run whose answer was lost
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
      : Console.error(`the run was created and continues: effect-evals watch ${run.id}${target.flags}`)
  }).pipe(
    Effect.timeout(cancelTimeout),
    Effect.catch((error) =>
      Console.error(
        `whether there is a run of ${begun.evalId} is not known, so nothing was removed (${error.message}): ` +
          `effect-evals list ${begun.evalId}${target.flags}`
      )
    )
  )

// an error here must not keep the run from being created
const lastCompleted = (evalId: EvalId) =>
  listRunsPage(evalId, { status: "completed", order: "desc", limit: 1 }).pipe(
    Effect.map(({ data: [run] }) => run),
    Effect.orElseSucceed(() => undefined)
  )

/**
 * Creates the eval unless one with the same definition exists, uploads the rows, and creates the run. After an error or
 * an interruption before the run exists, the created objects are deleted.
 */
export const makeRun = (
  { eval: evalParams, headers, isNew, rows, run }: Plan,
  target: Target
): Effect.Effect<Made, Stop | EvalsError, EvalsClient | Stdio.Stdio | Terminal.Terminal> =>
  Effect.suspend(() => {
    const begun: Begun = { evalId: undefined, known: undefined, fileId: undefined, uncertain: false }
    return Effect.gen(function* () {
      // a key may be allowed to create evals and not to list them
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
        Effect.tapError(createChecked(one.id, params, headers), (error) =>
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
      // an interruption must not lose the id of a created object
      Effect.uninterruptible
    )
  })
