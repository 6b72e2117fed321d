/**
 * Shows how far an archive is: on a terminal one line that is drawn again, and
 * elsewhere a line every few seconds.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"
import type { Progress } from "../archive/Report.ts"
import { count, size, time } from "./words.ts"

const clearLine = "\r\u001B[2K"

/** How far back the pace is measured. */
const paceMillis = 10_000

/** The words for how far an archive is; `rate` is in items a second. */
export const line = (progress: Progress, rate: number): string => {
  const { evals, files, inFlight, items, runs } = progress
  const of = (name: string, part: { readonly done: number; readonly total: number }) =>
    `${name} ${count(part.done)}/${count(part.total)}`
  const left = Math.max(0, items.total - items.done)
  // runs are listed eval by eval: until all are, more may follow
  const more = evals.done < evals.total ? "at least " : "about "
  return [
    of("items", items),
    of("runs", runs),
    of("evals", evals),
    of("files", files),
    `${count(rate)}/s`,
    ...(left > 0 && rate > 0 ? [`${more}${time(left / rate)} left`] : []),
    size(progress.bytes),
    `${inFlight} at a time`
  ].join("  ")
}

/** Runs an effect that tells its progress, and shows it on standard error meanwhile. */
export const shown = <A, E, R>(
  work: (onProgress: (progress: Progress) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function* () {
    const stdio = yield* Stdio.Stdio
    const terminal = yield* Terminal.Terminal
    const drawn = yield* stdio.stderrIsTerminal
    const write = (text: string) => Effect.ignore(Stream.run(Stream.succeed(text), stdio.stderr()))
    let samples = [{ at: yield* Clock.currentTimeMillis, done: 0 }]
    let latest: Progress | undefined

    // the pace of the last seconds: what was saved before counts as done at once
    const pace = (at: number, done: number): number => {
      samples = [
        ...samples.filter((sample, index) => sample.at >= at - paceMillis || index === samples.length - 1),
        { at, done }
      ]
      const first = samples[0]
      return first === undefined || first.at === at ? 0 : ((done - first.done) * 1000) / (at - first.at)
    }

    const show = Effect.gen(function* () {
      if (latest === undefined) return
      const text = line(latest, pace(yield* Clock.currentTimeMillis, latest.items.done))
      const columns = yield* terminal.columns
      yield* write(drawn ? `${clearLine}${text.slice(0, (columns === 0 ? 80 : columns) - 1)}` : `${text}\n`)
    })

    const ticking = Effect.repeat(Effect.delay(show, drawn ? "200 millis" : "5 seconds"), Schedule.forever)
    return yield* Effect.raceFirst(
      work((progress) =>
        Effect.sync(() => {
          latest = progress
        })
      ),
      Effect.andThen(ticking, Effect.never)
    ).pipe(Effect.ensuring(Effect.suspend(() => (drawn && latest !== undefined ? write(clearLine) : Effect.void))))
  })
