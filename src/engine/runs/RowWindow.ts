/**
 * Bounds the memory of a run whose rows finish in any order. The window limits the distance from the oldest unfinished row
 * to the newest one, and the bytes of unfinished rows.
 */
import * as Effect from "effect/Effect"
import * as Latch from "effect/Latch"

/** The most rows from the oldest unfinished one to the newest one. */
export const mostRows = 2000

/** The most bytes of unfinished rows and their answers. A single row may exceed it. */
export const mostBytes = 64 * 1024 * 1024

/** The window of a run. */
export interface RowWindow {
  /** Waits until the window has room for a row, and adds the row. */
  readonly enter: (row: number, bytes: number) => Effect.Effect<void>
  /** Adds bytes to a row in the window, such as those of an answer. Does not wait. */
  readonly grow: (row: number, bytes: number) => Effect.Effect<void>
  /** Removes finished rows. `oldest` is the oldest unfinished row after that. */
  readonly leave: (rows: ReadonlyArray<number>, oldest: number) => Effect.Effect<void>
}

/** Makes the window of a run that starts or resumes at the row `first`. Only one fiber may enter rows, in order. */
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
