/**
 * `effect-evals show`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { explainResults } from "../engine/graders/explainResults.ts"
import { retrieveEval } from "../Evals.ts"
import { EvalsClient } from "../EvalsClient.ts"
import type { EvalsError } from "../EvalsError.ts"
import { retrieveFile } from "../Files.ts"
import type { Operation } from "../internal/operation.ts"
import * as EvalRequests from "../internal/requests/evals.ts"
import * as FileRequests from "../internal/requests/files.ts"
import * as ItemRequests from "../internal/requests/outputItems.ts"
import * as RunRequests from "../internal/requests/runs.ts"
import { retrieveRun } from "../Runs.ts"
import { at } from "../schema/fields.ts"
import { EvalId, FileId, OutputItemId } from "../schema/Ids.ts"
import type { Input } from "./commands/show.ts"
import { criteriaOf } from "./evalCriteria.ts"
import { runAt } from "./idKind.ts"
import { outputWidth } from "./outputWidth.ts"
import * as FormatObject from "./formatObject.ts"
import * as Target from "./target.ts"
import { couldNotRun } from "./Stop.ts"
import * as Summary from "./summary.ts"

// accepts an object that cannot be decoded, but has the requested id
const isOf = (text: string, id: string): boolean =>
  Result.getOrElse(
    Result.try((): boolean => at(JSON.parse(text), "id") === id),
    () => false
  )

/** Returns the text of an answer after its id was checked. */
const exact = <A>(operation: Operation<A>, id: string): Effect.Effect<string, EvalsError, EvalsClient> =>
  EvalsClient.use((client) =>
    client.send<string>(
      {
        ...operation,
        decode: (text) => (isOf(text, id) ? Result.succeed(text) : Result.map(operation.decode(text), () => text)),
        decodeBytes: undefined,
        via: () => undefined
      },
      undefined
    )
  )

/** Returns an object and the text of its answer. */
const withText = <A>(
  operation: Operation<A>
): Effect.Effect<{ readonly value: A; readonly text: string }, EvalsError, EvalsClient> =>
  EvalsClient.use((client) =>
    client.send<{ readonly value: A; readonly text: string }>(
      {
        ...operation,
        decode: (text) => Result.map(operation.decode(text), (value) => ({ value, text })),
        decodeBytes: undefined,
        via: () => undefined
      },
      undefined
    )
  )

/** Formats an object. An object that cannot be decoded is shown as it is served. */
const shownBy = <A, E, R>(
  operation: Operation<A>,
  id: string,
  formatted: Effect.Effect<string, E | EvalsError, R>
): Effect.Effect<string, E | EvalsError, R | EvalsClient> =>
  Effect.catchReason(formatted, "EvalsError", "DecodeError", (reason) =>
    Effect.tap(exact(operation, id), () => Console.error(`shown as it is served, since ${reason.detail}`))
  )

const ofEval = Effect.fnUntraced(function* (input: Input, target: Target.Target) {
  const id = EvalId.make(input.id)
  const operation = EvalRequests.retrieveEval(id)
  const width = yield* outputWidth
  if (input.json) return yield* exact(operation, id)
  return yield* shownBy(
    operation,
    id,
    Effect.map(retrieveEval(id), (one) => FormatObject.formatEval(one, target.database !== undefined, width))
  )
})

const ofRun = Effect.fnUntraced(function* (input: Input, target: Target.Target) {
  const [one, id] = yield* runAt(target, { runId: input.id, evalId: input.evalId })
  const operation = RunRequests.retrieveRun(one, id)
  if (input.json) return yield* exact(operation, id)
  const stalled = yield* target.stalled(id)
  if (stalled !== undefined) yield* Console.error(stalled)
  return yield* shownBy(
    operation,
    id,
    Effect.gen(function* () {
      const subject = {
        eval: yield* retrieveEval(one),
        run: yield* retrieveRun(one, id),
        target
      }
      return yield* Summary.formatted(subject)
    })
  )
})

const ofItem = Effect.fnUntraced(function* (input: Input, target: Target.Target) {
  const id = OutputItemId.make(input.id)
  const [one, run] = Option.isSome(input.runId)
    ? yield* runAt(target, { runId: input.runId.value, evalId: input.evalId })
    : yield* target.runOf(id)
  const operation = ItemRequests.retrieveOutputItem(one, run, id)
  const width = yield* outputWidth
  return input.json
    ? yield* exact(operation, id)
    : yield* shownBy(
        operation,
        id,
        Effect.gen(function* () {
          const { text, value } = yield* withText(operation)
          return FormatObject.formatItem(value, explainResults(yield* criteriaOf(one), text), width)
        })
      )
})

const ofFile = Effect.fnUntraced(function* (input: Input) {
  const id = FileId.make(input.id)
  const operation = FileRequests.retrieveFile(id)
  return input.json
    ? yield* exact(operation, id)
    : yield* shownBy(operation, id, Effect.map(retrieveFile(id), FormatObject.formatFile))
})

const format = (input: Input, target: Target.Target) => {
  if (input.id.startsWith("evalrun_")) return ofRun(input, target)
  if (input.id.startsWith("eval_")) return ofEval(input, target)
  if (input.id.startsWith("outputitem_")) return ofItem(input, target)
  if (input.id.startsWith("file-")) return ofFile(input)
  return Effect.fail(
    couldNotRun(
      `${JSON.stringify(input.id)} is no id: ids begin with eval_, evalrun_, outputitem_ or file-. ` +
        "effect-evals list shows the ids of evals."
    )
  )
}

/** Shows one object. */
export const handler = (input: Input) =>
  Target.at(input, "read", (target) => Effect.flatMap(format(input, target), (text) => Console.log(text)))
