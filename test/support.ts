import { Effect, Exit, Fiber, Layer, Logger, Option, Random } from "effect"
import type { Duration } from "effect"
import type { HttpClient } from "effect/http"
import { TestClock } from "effect/testing"
import { EvalId, EvalsClient, FileId, OutputItemId, type Run, RunId } from "effect-evals"
import { ScriptedHttp } from "effect-evals/testing"
import { packageName, packageVersion } from "../src/schema/packageVersion.ts"

export const evalId = EvalId.make("eval_1")
export const runId = RunId.make("evalrun_1")
export const itemId = OutputItemId.make("outputitem_1")
export const fileId = FileId.make("file-1")

/** What a client calls itself. */
export const userAgent = `${packageName}/${packageVersion}`

export const runParams: Run.CreateParams = {
  data_source: { type: "jsonl", source: { type: "file_id", id: "file-1" } }
}

/** A client whose host answers by a script. */
export const client = (
  script: ScriptedHttp.Script,
  options: EvalsClient.Options = {}
): Layer.Layer<EvalsClient.EvalsClient | ScriptedHttp.ScriptedHttp | HttpClient.HttpClient> =>
  EvalsClient.layer({ baseUrl: "http://host/v1", ...options }).pipe(
    Layer.provideMerge(ScriptedHttp.layer(script)),
    Layer.orDie
  )

/** Lets fibers run on until they wait for something. */
export const turns = Effect.repeat(Effect.yieldNow, { times: 20 })

/** Runs an effect to its end while the test's clock moves on by `duration`. */
export const elapse = <A, E, R>(effect: Effect.Effect<A, E, R>, duration: Duration.Input = "1 day") =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    // the clock counts from where the effect first waits, which may be some turns away
    yield* turns
    yield* TestClock.adjust(duration)
    return yield* Fiber.join(fiber)
  })

/** The error with which an effect ends, given enough time. */
export const failure = <A, E, R>(effect: Effect.Effect<A, E, R>) => elapse(Effect.flip(effect))

/** When the requests were sent, in milliseconds. */
export const times = Effect.map(ScriptedHttp.requests, (requests) => requests.map((request) => request.time))

/** The paths of the requests, each after its method. */
export const lines = Effect.map(ScriptedHttp.requests, (requests) =>
  requests.map((request) => `${request.method} ${request.path}`)
)

/** Random numbers that are always the same one: 0 for the longest waits, nearly 1 for the shortest. */
export const withChance = (chance: number) =>
  Effect.provideService(Random.Random, { nextDoubleUnsafe: () => chance, nextIntUnsafe: () => 0 })

/** An effect together with what it logs, a line each. */
export const withLog = <A, E, R>(effect: Effect.Effect<A, E, R>, into: Array<string>) =>
  Effect.provide(effect, Logger.layer([Logger.map(Logger.formatSimple, (line) => into.push(line))]))

/** The error of a fiber that has ended; undefined where it goes on or has succeeded. */
export const errorOf = <A, E>(fiber: Fiber.Fiber<A, E>): E | undefined => {
  const exit = fiber.pollUnsafe()
  return exit === undefined ? undefined : Option.getOrUndefined(Exit.findErrorOption(exit))
}

/** A value that a program without types, or with wrong ones, would send. */
export const untyped = <A>(value: unknown): A => {
  const held: object = { value }
  return Reflect.get(held, "value")
}
