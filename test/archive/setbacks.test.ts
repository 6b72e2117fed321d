/** What a host fails to bring: set aside, tried again when the rest is read, and given up in time. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import type { Progress } from "effect-evals/archive"
import { make } from "../support/host/host.ts"
import type { Shape } from "../support/host/project.ts"
import { archived, file } from "./lib/run.ts"
import { differences } from "./lib/stored.ts"

const shape: Shape = { seed: 6, evals: 3, runs: [12, 3, 110, 1], files: 6 }

const timed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const began = yield* Clock.currentTimeMillis
    const value = yield* effect
    return { value, seconds: ((yield* Clock.currentTimeMillis) - began) / 1000 }
  })

describe("a run that fails for ever", () => {
  it.effect("is set aside while other objects are read, and given up and reported within three minutes", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      const broken = `/runs/${project.runId(0)}/output_items`
      const host = make(shape, { latency: 20, denials: [{ path: broken, status: 500 }] })
      const seen: Array<Progress> = []
      const { seconds, value: report } = yield* timed(
        archived(host, filename, {
          concurrency: 2,
          onProgress: (progress) => Effect.sync(() => void seen.push(progress))
        })
      )
      assert.deepStrictEqual(differences(filename, project, { items: (run) => run !== 0 }), [])
      assert.deepStrictEqual(
        report.failed.map(({ id, isRetryable, kind }) => ({ id, kind, isRetryable })),
        [{ kind: "runs", id: project.runId(0), isRetryable: true }]
      )
      assert.match(
        report.failed[0]?.message ?? "",
        /^listOutputItemsPage: 500 You may not read this.*; it was tried again for 2m( \d+s)?.*, and given up$/
      )
      assert.isTrue(seconds > 120 && seconds < 180, `it took ${seconds} seconds`)
      // the rest was read before it was tried again
      const others = host.stats.paths.findLastIndex((path) => !path.includes(broken))
      const first = host.stats.paths.findIndex((path) => path.includes(broken))
      const before = host.stats.paths.slice(0, others).filter((path) => path.includes(broken)).length
      assert.isAbove(others, first)
      assert.isBelow(before, host.stats.paths.filter((path) => path.includes(broken)).length / 2)
      const failing = seen.find(({ retrying }) => retrying.length > 0)
      assert.deepInclude(failing?.retrying[0] ?? {}, { kind: "runs", id: project.runId(0) })
      assert.match(failing?.retrying[0]?.message ?? "", /^listOutputItemsPage: 500/)
      assert.isEmpty(seen.at(-1)?.retrying ?? [])
    })
  )

  it.effect("does not delay the archive further if there are many such runs", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { denials: [{ path: "/output_items", status: 502 }] })
      const { seconds, value: report } = yield* timed(archived(host, filename))
      assert.lengthOf(report.failed, 12)
      assert.isBelow(seconds, 200)
    })
  )
})

describe("a host that fails for a while", () => {
  const cases = [
    ["the items of a run", "/output_items"],
    ["the runs of an eval", "/runs\\?"],
    ["the list of evals, from its second page on", "^/evals\\?.*after"],
    ["the list of files", "^/files\\?"],
    ["the content of files", "/content"]
  ] as const
  for (const [what, path] of cases) {
    it.effect(`is retried until it succeeds: ${what}`, () =>
      Effect.gen(function* () {
        const filename = yield* file
        const many: Shape = { ...shape, evals: 120, runs: [2, 1] }
        const host = make(many, { denials: [{ path, status: 503 }] })
        let since: number | undefined
        const report = yield* archived(host, filename, {
          onProgress: ({ retrying }) =>
            Effect.map(Clock.currentTimeMillis, (now) => {
              if (retrying.length > 0) since ??= now
              // it is well again after a minute
              if (since !== undefined && now - since > 60_000) host.behave({})
            })
        })
        assert.isDefined(since)
        assert.deepStrictEqual(differences(filename, host.project), [])
        assert.deepStrictEqual([report.failed, report.complete], [[], true])
      })
    )
  }
})

describe("a permanent failure", () => {
  it.effect("is not retried, and reported as permanent", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      const path = `/runs/${project.runId(0)}/output_items`
      for (const status of [403, 307]) {
        const host = make(shape, { denials: [{ path, status }] })
        const { seconds, value: report } = yield* timed(archived(host, filename))
        assert.deepStrictEqual(
          report.failed.map(({ id, isRetryable }) => ({ id, isRetryable })),
          [{ id: project.runId(0), isRetryable: false }]
        )
        assert.isBelow(seconds, 10)
        assert.lengthOf(
          host.stats.paths.filter((asked) => asked.includes(path)),
          2
        )
      }
    })
  )
})
