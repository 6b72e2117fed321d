import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Sink, Stdio, Terminal } from "effect"
import type { Progress } from "effect-evals/archive"
import { TestClock } from "effect/testing"
import { formatProgress, withArchiveProgress } from "../../src/cli/archiveProgress.ts"

const progress = (done: number, total: number, evals = 2): Progress => ({
  evals: { done: 1, total: evals },
  runs: { done: 3, total: 4 },
  items: { done, total },
  files: { done: 0, total: 5 },
  bytes: 2_500_000,
  inFlight: 16,
  heldUntil: 0,
  retrying: []
})

/** Standard error as it would be seen, on a terminal of some width or elsewhere. */
const screen = (columns: number | undefined) => {
  const written: Array<string> = []
  const unused = Effect.die("not used")
  const layer = Layer.merge(
    Stdio.layerTest({
      stderrIsTerminal: Effect.succeed(columns !== undefined),
      stderr: () => Sink.forEach((text: string | Uint8Array) => Effect.sync(() => void written.push(String(text))))
    }),
    Layer.succeed(
      Terminal.Terminal,
      Terminal.make({
        columns: Effect.succeed(columns ?? 0),
        rows: Effect.succeed(24),
        size: unused,
        readInput: unused,
        readLine: unused,
        display: () => Effect.void
      })
    )
  )
  return { layer, written }
}

const work = (onProgress: (progress: Progress) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    yield* onProgress(progress(500, 4000))
    yield* Effect.sleep("11 seconds")
    return "done"
  })

describe("progress", () => {
  it.effect("is a plain line every few seconds without a terminal", () =>
    Effect.gen(function* () {
      const { layer, written } = screen(undefined)
      const fiber = yield* Effect.forkChild(withArchiveProgress(work).pipe(Effect.provide(layer)), {
        startImmediately: true
      })
      yield* TestClock.adjust("11 seconds")
      assert.strictEqual(yield* Fiber.join(fiber), "done")
      assert.deepStrictEqual(written, [
        "items 500/4,000  runs 3/4  evals 1/2  files 0/5  100/s  at least 35 s left  2.5 MB  16 at a time\n",
        "items 500/4,000  runs 3/4  evals 1/2  files 0/5  50/s  at least 70 s left  2.5 MB  16 at a time\n"
      ])
    })
  )

  it.effect("is one line on a terminal: redrawn, cut to the width, and removed at the end", () =>
    Effect.gen(function* () {
      const { layer, written } = screen(40)
      const fiber = yield* Effect.forkChild(withArchiveProgress(work).pipe(Effect.provide(layer)), {
        startImmediately: true
      })
      yield* TestClock.adjust("11 seconds")
      yield* Fiber.join(fiber)
      assert.isAbove(written.length, 40)
      for (const text of written) {
        assert.isTrue(text.startsWith("\r\u001B[2K"))
        assert.notInclude(text, "\n")
        assert.isAtMost(text.length, 39 + "\r\u001B[2K".length)
      }
      assert.strictEqual(written.at(-1), "\r\u001B[2K")
    })
  )

  it.effect("does not count objects of an earlier archive in the rate", () =>
    Effect.gen(function* () {
      const { layer, written } = screen(undefined)
      const resumed = withArchiveProgress((onProgress) =>
        Effect.gen(function* () {
          yield* onProgress(progress(90_000, 100_000, 1))
          for (let step = 1; step <= 30; step++) {
            yield* Effect.sleep("1 second")
            yield* onProgress(progress(90_000 + step * 100, 100_000, 1))
          }
        })
      )
      const fiber = yield* Effect.forkChild(resumed.pipe(Effect.provide(layer)), { startImmediately: true })
      yield* TestClock.adjust("30 seconds")
      yield* Fiber.join(fiber)
      assert.match(written.at(-1) ?? "", / {2}100\/s {2}about 7\d s left /)
    })
  )

  it.effect("reports each failure once with its request, and shows how long it lasts", () =>
    Effect.gen(function* () {
      const { layer, written } = screen(undefined)
      const failing = (count: number): Progress["retrying"] =>
        Array.from({ length: count }, (_, index) => ({
          kind: "runs",
          id: `evalrun_${index}`,
          since: 0,
          message: "listOutputItemsPage: 500 no"
        }))
      const work = (onProgress: (progress: Progress) => Effect.Effect<void>) =>
        Effect.gen(function* () {
          for (const retrying of [failing(1), failing(1), failing(8)]) {
            yield* onProgress({ ...progress(500, 4000), retrying })
            yield* Effect.sleep("6 seconds")
          }
        })
      const fiber = yield* Effect.forkChild(withArchiveProgress(work).pipe(Effect.provide(layer)), {
        startImmediately: true
      })
      yield* TestClock.adjust("18 seconds")
      yield* Fiber.join(fiber)
      const told = (index: number) =>
        `run evalrun_${index} cannot be read now: listOutputItemsPage: 500 no; it is retried later, for at most 2 minutes\n`
      assert.deepStrictEqual(
        written.filter((text) => !text.includes("items ")),
        [...[0, 1, 2, 3, 4].map(told), "further failures are listed in the report only\n"]
      )
      assert.match(written[1] ?? "", /^run evalrun_0 failing for 5 s {2}items 500/)
      assert.match(written.at(-1) ?? "", /^8 failing for 15 s {2}items 500/)
    })
  )

  it("shows the wait that the host asks for", () => {
    const held = { ...progress(500, 4000), heldUntil: 100_000 }
    assert.match(formatProgress(held, 0, 58_000), /^the host asks to wait 42 s {2}items/)
    assert.match(formatProgress(held, 0, 100_000), /^items/)
  })
})
