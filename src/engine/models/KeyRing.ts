/**
 * The key of an entry: read once, and again after it was refused.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import type { Key, KeyUnreadable } from "./Entry.ts"
import { KeyRefused } from "./ModelError.ts"
import { keyText } from "./Transport.ts"

/** The key of an entry. */
export interface KeyRing {
  /** The key at present; undefined where the entry has none. */
  readonly current: Effect.Effect<Redacted.Redacted | undefined, KeyRefused>
  /**
   * Reads the key again after `used` was refused, and tells whether it is another one
   * now. Without `used` it is about the key that was refused last.
   */
  readonly renew: (used: Redacted.Redacted | undefined) => Effect.Effect<boolean>
}

const unreadable = ({ message }: KeyUnreadable): KeyRefused =>
  new KeyRefused({ message: `the key cannot be read: ${message}` })

/** Makes the key ring of an entry. */
export const make = <R>(key: Key<R> | undefined): Effect.Effect<KeyRing, never, R> =>
  Effect.map(Effect.context<R>(), (context): KeyRing => {
    if (!Effect.isEffect(key)) return { current: Effect.succeed(key), renew: () => Effect.succeed(false) }
    const read = Effect.provideContext(key, context)
    const mutex = Semaphore.makeUnsafe(1)
    let known: Redacted.Redacted | undefined
    let refused: Redacted.Redacted | undefined
    const keep = Effect.map(Effect.mapError(read, unreadable), (found) => (known = found))
    return {
      current: Effect.suspend(() =>
        known === undefined
          ? mutex.withPermits(1)(Effect.suspend(() => (known === undefined ? keep : Effect.succeed(known))))
          : Effect.succeed(known)
      ),
      renew: (used) =>
        mutex.withPermits(1)(
          Effect.suspend(() => {
            if (used !== undefined) refused = used
            const old = refused
            const isOther = (found: Redacted.Redacted) => old === undefined || keyText(found) !== keyText(old)
            // another request that was refused may have read it meanwhile
            return known !== undefined && isOther(known)
              ? Effect.succeed(true)
              : Effect.matchEager(keep, { onFailure: () => false, onSuccess: isOther })
          })
        )
    }
  })
