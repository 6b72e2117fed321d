/**
 * Bounds the memory of a run whose rows finish in any order: how far it may be ahead of its oldest unfinished row, and how
 * many bytes its unfinished rows may hold.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** The most rows from the oldest unfinished one on. */
export const mostRows = 2000

/** The most bytes of unfinished rows and their answers. A single row may have more. */
export const mostBytes = 64 * 1024 * 1024

/** The window of a run. */
export interface RowWindow {
  /** Waits until a row may begin, and counts it. */
  readonly enter: (row: number, bytes: number) => Effect.Effect<void>
  /** Counts further bytes of a row that has begun, such as an answer. They wait for nobody. */
  readonly grow: (row: number, bytes: number) => Effect.Effect<void>
  /** Ends rows. `oldest` is the oldest row that is not finished now. */
  readonly leave: (rows: ReadonlyArray<number>, oldest: number) => Effect.Effect<void>
}

/** Makes the window of a run that continues at a row. One fiber alone enters rows, in their order. */
export const make = (first: number): Effect.Effect<RowWindow> =>
  Effect.map(Latch.make(true), (changed) => {
    const sizes = new Map<number, number>()
    let bytes = 0
    let oldest = first
    const isOpen = (row: number, size: number): boolean =>
      row < oldest + mostRows && (sizes.size === 0 || bytes + size <= mostBytes)
    const grow = (row: number, size: number) =>
      Effect.sync(() => {
        sizes.set(row, (sizes.get(row) ?? 0) + size)
        bytes += size
      })
    const enter = (row: number, size: number): Effect.Effect<void> =>
      Effect.suspend(() => {
        if (isOpen(row, size)) return grow(row, size)
        Latch.closeUnsafe(changed)
        return Effect.andThen(Latch.await(changed), enter(row, size))
      })
    return {
      enter,
      grow,
      leave: (rows, next) =>
        Effect.sync(() => {
          for (const row of rows) {
            bytes -= sizes.get(row) ?? 0
            sizes.delete(row)
          }
          oldest = next
          Latch.openUnsafe(changed)
        })
    }
  })
