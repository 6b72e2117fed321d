/**
 * What a host fails to bring: it is set aside while the rest is read, tried again
 * at the end, and given up when it has failed for too long.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { EvalsError } from "../EvalsError.ts"
import type { Kind } from "../store/Objects.ts"
import type { Problem, Retrying } from "./Report.ts"

/** How long an object is tried again after its first failure. It is tried again once at least, however late that is. */
export const patience = Duration.minutes(2)

/** The waits before each round of further tries; the last one comes again. */
const waits = [5, 10, 20, 30].map((seconds) => Duration.seconds(seconds))

/** A part of an archive that is named by what it reads. */
export interface Part<E, R> {
  readonly kind: Kind
  readonly id: string
  /** Goes on where it failed when it is run again. */
  readonly work: Effect.Effect<void, E | EvalsError, R>
}

/** What became of a failure: it is tried again, or it is not, and why. */
export type Verdict = { readonly _tag: "Later" } | { readonly _tag: "GivenUp"; readonly message: string }

/** The parts that have failed. */
export interface Setbacks<E, R> {
  /** Decides about a failure of a part. */
  readonly failed: (part: Part<E, R>, error: EvalsError) => Effect.Effect<Verdict>
  /** Forgets the failures of a part that was read. */
  readonly mended: (kind: Kind, id: string) => void
  /** Whether a part is to be tried again. */
  readonly isSetAside: (kind: Kind, id: string) => boolean
  /** Whether the last failure of a part may pass, and why not; nothing where it has not failed. */
  readonly outlook: (kind: Kind, id: string) => Pick<Problem, "isRetryable" | "hasEnded">
  /** The parts that are to be tried again. */
  readonly retrying: () => ReadonlyArray<Retrying>
  /** Tries parts again, round by round, until all are read or given up; the value is whether there were any. */
  readonly tryAgain: <E2, R2>(
    read: (part: Part<E, R>) => Effect.Effect<void, E2, R2>,
    concurrency: number
  ) => Effect.Effect<boolean, E2, R2>
}

const keyOf = (kind: Kind, id: string): string => `${kind} ${id}`

interface Failure<E, R> {
  readonly part: Part<E, R>
  /** Unix milliseconds. */
  readonly since: number
  readonly error: EvalsError
  /** Whether the part was ever set aside, to be tried again. */
  readonly isTriedAgain: boolean
  readonly state: "later" | "given up"
}

/** The longest wait that a host may ask for; an error that asks for more is no setback that passes in time. */
export const maxRetryAfter = Duration.minutes(15)

const passes = (error: EvalsError): boolean =>
  error.isRetryable && (error.retryAfter === undefined || Duration.isLessThanOrEqualTo(error.retryAfter, maxRetryAfter))

const inSeconds = (duration: Duration.Duration): string =>
  Duration.format(Duration.seconds(Math.round(Duration.toSeconds(duration))))

/** No setbacks yet. */
export const make = <E, R>(): Setbacks<E, R> => {
  const failures = new Map<string, Failure<E, R>>()
  const later = () => [...failures.values()].filter(({ state }) => state === "later")
  return {
    failed: (part, error) =>
      Effect.map(Clock.currentTimeMillis, (now): Verdict => {
        const key = keyOf(part.kind, part.id)
        // a part that was given up at once was not tried again: another look at it is a first try
        const earlier = failures.get(key)
        const known = earlier?.isTriedAgain === true ? earlier : undefined
        const since = known?.since ?? now
        const tried = Duration.millis(now - since)
        if (passes(error) && (known === undefined || Duration.isLessThan(tried, patience))) {
          failures.set(key, { part, since, error, isTriedAgain: true, state: "later" })
          return { _tag: "Later" }
        }
        failures.set(key, { part, since, error, isTriedAgain: known !== undefined, state: "given up" })
        const again = known === undefined ? "" : `; it was tried again for ${inSeconds(tried)}, and given up`
        return { _tag: "GivenUp", message: `${error.message}${again}` }
      }),
    mended: (kind, id) => void failures.delete(keyOf(kind, id)),
    isSetAside: (kind, id) => failures.get(keyOf(kind, id))?.state === "later",
    outlook: (kind, id) => {
      const error = failures.get(keyOf(kind, id))?.error
      if (error === undefined) return {}
      return { isRetryable: passes(error), ...(error.hasEnded ? { hasEnded: true } : {}) }
    },
    retrying: () =>
      later().map(({ error, part: { id, kind }, since }) => ({ kind, id, since, message: error.message })),
    tryAgain: (read, concurrency) =>
      Effect.gen(function* () {
        let round = 0
        for (let parts = later(); parts.length > 0; parts = later()) {
          yield* Effect.sleep(waits[Math.min(round++, waits.length - 1)] ?? patience)
          yield* Effect.forEach(parts, ({ part }) => read(part), { concurrency, discard: true })
        }
        return round > 0
      })
  }
}
