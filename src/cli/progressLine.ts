/**
 * The progress of a command on standard error: on a terminal one line that is redrawn, elsewhere a line every few
 * seconds.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"

/** Clears the current line of a terminal. */
export const clearLine = "\r\u001B[2K"

/** The rate is the average over this time. */
const rateMillis = 10_000

/** The text of a progress line. */
export interface View<P> {
  /** Counts the work that is done. The rate is computed from it. */
  readonly done: (progress: P) => number
  /**
   * Formats the line. `rate` is per second, `drawn` says whether the line is redrawn, and `now` is the time in Unix
   * milliseconds.
   */
  readonly line: (progress: P, rate: number, drawn: boolean, now: number) => string
  /** Formats further lines. Each is written once, above the progress line, and stays. */
  readonly notes?: (progress: P) => ReadonlyArray<string>
  /** Whether the progress line stays when the work is done. */
  readonly stays: boolean
}

/** Runs an effect that reports its progress, and shows the progress meanwhile. */
export const withProgressLine = <P, A, E, R>(
  view: View<P>,
  work: (onProgress: (progress: P) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Stdio.Stdio | Terminal.Terminal> =>
  Effect.gen(function* () {
    const stdio = yield* Stdio.Stdio
    const terminal = yield* Terminal.Terminal
    const drawn = yield* stdio.stderrIsTerminal
    const write = (text: string) => Effect.ignore(Stream.run(Stream.succeed(text), stdio.stderr()))
    let samples = [{ at: yield* Clock.currentTimeMillis, done: 0 }]
    let latest: { readonly progress: P } | undefined

    const rate = (at: number, done: number): number => {
      // work that has not begun does not lower the rate
      if (done === 0) samples = []
      samples = [
        ...samples.filter((sample, index) => sample.at >= at - rateMillis || index === samples.length - 1),
        { at, done }
      ]
      const first = samples[0]
      return first === undefined || first.at === at ? 0 : ((done - first.done) * 1000) / (at - first.at)
    }

    const show = (end: string) =>
      Effect.gen(function* () {
        if (latest === undefined) return
        const { progress } = latest
        const now = yield* Clock.currentTimeMillis
        for (const note of view.notes?.(progress) ?? []) yield* write(`${drawn ? clearLine : ""}${note}\n`)
        const text = view.line(progress, rate(now, view.done(progress)), drawn, now)
        const columns = yield* terminal.columns
        yield* write(drawn ? `${clearLine}${text.slice(0, (columns === 0 ? 80 : columns) - 1)}${end}` : `${text}\n`)
      })

    const ticking = Effect.repeat(Effect.delay(show(""), drawn ? "200 millis" : "5 seconds"), Schedule.forever)
    return yield* Effect.raceFirst(
      work((progress) =>
        Effect.sync(() => {
          latest = { progress }
        })
      ),
      // interrupted when the work ends, also within a region that is uninterruptible
      Effect.interruptible(Effect.andThen(ticking, Effect.never))
    ).pipe(
      Effect.tap(() => (view.stays ? show("\n") : Effect.void)),
      Effect.ensuring(Effect.suspend(() => (drawn && latest !== undefined ? write(clearLine) : Effect.void)))
    )
  })
