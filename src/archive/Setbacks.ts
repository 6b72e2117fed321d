/**
 * Failed reads: they are set aside, retried after all other reads, and given up after a time limit.
 *
 * @internal
 */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { EvalsError } from "../EvalsError.ts"
import type { Kind } from "../store/Objects.ts"
import type { Problem, Retrying } from "./Report.ts"

/** The time limit of retries, from the first failure. One retry always takes place, however late. */
export const patience = Duration.minutes(2)

/** The waits before the rounds of retries. The last wait repeats. */
const waits = [5, 10, 20, 30].map((seconds) => Duration.seconds(seconds))

/** A read that can fail on its own: an object or a list. */
export interface Part<E, R> {
  readonly kind: Kind
  readonly id: string
  /** Continues where it failed when it runs again. */
  readonly work: Effect.Effect<void, E | EvalsError, R>
}

/** The decision after a failure: retry later, or give up with a message. */
export type Verdict = { readonly _tag: "Later" } | { readonly _tag: "GivenUp"; readonly message: string }

/** The failed reads. */
export interface Setbacks<E, R> {
  /** Records a failure and decides whether the part is retried. */
  readonly failed: (part: Part<E, R>, error: EvalsError) => Effect.Effect<Verdict>
  /** Forgets the failures of a part after it was read. */
  readonly mended: (kind: Kind, id: string) => void
  /** Whether a part is waiting for a retry. */
  readonly isSetAside: (kind: Kind, id: string) => boolean
  /** Whether the last failure of a part may pass. Empty if the part has not failed. */
  readonly outlook: (kind: Kind, id: string) => Pick<Problem, "isRetryable" | "hasEnded">
  /** The parts that are waiting for a retry. */
  readonly retrying: () => ReadonlyArray<Retrying>
  /** Retries the waiting parts in rounds, until each is read or given up. Returns whether there were any. */
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
  /** Whether the part has been set aside for a retry. */
  readonly isTriedAgain: boolean
  readonly state: "later" | "given up"
}

/** The longest accepted `Retry-After`. An error with a longer one is not retried. */
export const maxRetryAfter = Duration.minutes(15)

const passes = (error: EvalsError): boolean =>
  error.isRetryable && (error.retryAfter === undefined || Duration.isLessThanOrEqualTo(error.retryAfter, maxRetryAfter))

const inSeconds = (duration: Duration.Duration): string =>
  Duration.format(Duration.seconds(Math.round(Duration.toSeconds(duration))))

/** Makes an empty record of failures. */
export const make = <E, R>(): Setbacks<E, R> => {
  const failures = new Map<string, Failure<E, R>>()
  const later = () => [...failures.values()].filter(({ state }) => state === "later")
  return {
    failed: (part, error) =>
      Effect.map(Clock.currentTimeMillis, (now): Verdict => {
        const key = keyOf(part.kind, part.id)
        // a part that was given up without a retry starts again with its first attempt
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
