/**
 * Makes ids in the format of the hosted service: a prefix and 32 hex digits. The digits begin with the time, so that ids
 * sort by creation.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"

/**
 * The beginning of an id, which names the kind of object.
 *
 * @category models
 * @since 0.1.0
 */
export type Prefix = "eval_" | "evalrun_" | "outputitem_" | "file-" | "req_" | "instance_"

/**
 * Makes ids.
 *
 * @category services
 * @since 0.1.0
 */
export interface Service {
  /** Makes several ids. Each id is greater than all earlier ones. */
  readonly many: (prefix: Prefix, count: number) => Effect.Effect<ReadonlyArray<string>>
  /** Makes an id that is greater than all earlier ones. */
  readonly next: (prefix: Prefix) => Effect.Effect<string>
  /** Makes a UUID of version 4. The id of a criterion is its name and such a UUID. */
  readonly uuid: Effect.Effect<string>
}

/**
 * Makes ids. `Random.withSeed` around the layer makes them repeat.
 *
 * **Example** (Ids that a test knows)
 *
 * ```ts
 * import { Effect, Layer, Random } from "effect"
 * import { IdGenerator } from "effect-evals/engine"
 *
 * export const seeded = Layer.effect(IdGenerator.IdGenerator, Random.withSeed(IdGenerator.make, "tests"))
 *
 * export const id = Effect.flatMap(IdGenerator.IdGenerator, (ids) => ids.next("eval_"))
 * ```
 *
 * @category services
 * @since 0.1.0
 */
export class IdGenerator extends Context.Service<IdGenerator, Service>()("effect-evals/engine/IdGenerator") {}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0")

/** The resolution of ids: 2^16 ticks a second, and 2^12 ids a tick. */
const ticks = 0x1_0000
const idsInTick = 0x1000

/**
 * Makes a generator that counts from the present time on. It uses the clock and the randomness of its context.
 *
 * @category constructors
 * @since 0.1.0
 */
export const make: Effect.Effect<Service> = Effect.gen(function* () {
  const random = yield* Random.Random
  // 8 digits of seconds, 4 of ticks, and 3 of a counter, which keeps the order even if the clock stops or goes back
  let seconds = 0
  let tick = 0
  let count = 0

  const below = (limit: number): number => Math.floor(random.nextDoubleUnsafe() * limit)

  const advance = (millis: number): void => {
    const nowSeconds = Math.floor(millis / 1000)
    const nowTick = Math.floor(((millis % 1000) * ticks) / 1000)
    if (nowSeconds > seconds || (nowSeconds === seconds && nowTick > tick)) {
      seconds = nowSeconds
      tick = nowTick
      count = 0
    } else if (++count === idsInTick) {
      count = 0
      if (++tick === ticks) {
        tick = 0
        seconds++
      }
    }
  }

  // version 8 and its variant stand where RFC 9562 has them
  const id = (prefix: Prefix, millis: number): string => {
    advance(millis)
    const free = hex(0x8000 + below(0x4000), 4) + hex(below(0x100_0000), 6) + hex(below(0x100_0000), 6)
    return `${prefix}${hex(seconds, 8)}${hex(tick, 4)}8${hex(count, 3)}${free}`
  }

  return IdGenerator.of({
    next: (prefix) => Effect.map(Clock.currentTimeMillis, (millis) => id(prefix, millis)),
    many: (prefix, amount) =>
      Effect.map(Clock.currentTimeMillis, (millis) => Array.from({ length: amount }, () => id(prefix, millis))),
    uuid: Effect.sync(
      () =>
        `${hex(below(0x1_0000_0000), 8)}-${hex(below(0x1_0000), 4)}-4${hex(below(0x1000), 3)}-` +
        `${hex(0x8000 + below(0x4000), 4)}-${hex(below(0x100_0000), 6)}${hex(below(0x100_0000), 6)}`
    )
  })
})

const digits = /^[0-9a-f]{12}8[0-9a-f]{3}[89ab][0-9a-f]{15}$/

/**
 * Returns the Unix second in an id with this prefix. Returns undefined for an id that {@link make} cannot have made.
 *
 * @category getters
 * @since 0.1.0
 */
export const secondsOf = (prefix: Prefix, id: string): number | undefined =>
  id.startsWith(prefix) && digits.test(id.slice(prefix.length))
    ? Number.parseInt(id.slice(prefix.length, prefix.length + 8), 16)
    : undefined

/**
 * A generator that uses the clock and the randomness of its context.
 *
 * @category layers
 * @since 0.1.0
 */
export const layer: Layer.Layer<IdGenerator> = Layer.effect(IdGenerator, make)
