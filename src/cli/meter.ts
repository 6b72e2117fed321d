/**
 * Shows how far some work is: on a terminal one line that is drawn again, and
 * elsewhere a line every few seconds.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import * as Terminal from "effect/Terminal"

/** Begins the line of a terminal anew. */
export const clearLine = "\r\u001B[2K"

/** How far back the pace is measured. */
const paceMillis = 10_000

/** How progress is shown. */
export interface View<P> {
  /** What the pace is measured by. */
  readonly done: (progress: P) => number
  /**
   * The words; `rate` is a second, `drawn` says whether they are drawn again and
   * again, and `now` is the time in Unix milliseconds.
   */
  readonly line: (progress: P, rate: number, drawn: boolean, now: number) => string
  /** Lines that are written once and stay, above the words. */
  readonly notes?: (progress: P) => ReadonlyArray<string>
  /** Whether the last line stays when the work is done. */
  readonly stays: boolean
}

/** Runs an effect that tells its progress, and shows it on standard error meanwhile. */
export const metered = <P, A, E, R>(
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

    // the pace of the last seconds: what was there before counts as done at once
    const pace = (at: number, done: number): number => {
      // what is done before the first of it counts for nothing
      if (done === 0) samples = []
      samples = [
        ...samples.filter((sample, index) => sample.at >= at - paceMillis || index === samples.length - 1),
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
        const text = view.line(progress, pace(now, view.done(progress)), drawn, now)
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
      // it ends with the work, also where that may not be interrupted
      Effect.interruptible(Effect.andThen(ticking, Effect.never))
    ).pipe(
      Effect.tap(() => (view.stays ? show("\n") : Effect.void)),
      Effect.ensuring(Effect.suspend(() => (drawn && latest !== undefined ? write(clearLine) : Effect.void)))
    )
  })
