import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { plan } from "effect-evals/archive"
import { type Late, make } from "../support/host/host.ts"
import { client } from "../support/host/memory.ts"
import type { Project, Shape } from "../support/host/project.ts"
import { archived, file, inTime } from "./lib/run.ts"
import { differences } from "./lib/stored.ts"

const shape: Shape = { seed: 3, evals: 3, runs: [20, 9, 130, 4] }

const late = (ways: Late["ways"], millis = 0): Late => ({ every: 4, share: 10, ways, millis })

/** The items that `late` holds back: each tenth of each run with many. */
const heldBack = (run: number, item: number) => run % 4 === 0 && item % 10 === 9

const missingOf = (project: Project, runs: ReadonlyArray<number>) =>
  runs.map((run) => ({ evalId: project.evalId(run / 4), runId: project.runId(run), saved: 18, total: 20 }))

describe("items that a finished run counts and the host does not list", () => {
  for (const way of ["other end", "by status"] as const) {
    it.effect(`are found ${way === "other end" ? "in the reverse list" : "in the list of their status"}`, () =>
      Effect.gen(function* () {
        const filename = yield* file
        const host = make(shape, { late: late([way]) })
        const report = yield* archived(host, filename)
        assert.deepStrictEqual(differences(filename, host.project), [])
        assert.isTrue(report.complete)
        assert.deepStrictEqual(report.output_items.saved, 3 * 163)
      })
    )
  }

  it.effect("are waited for", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { late: late(["later"], 25_000) })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, host.project), [])
      assert.isTrue(report.complete)
    })
  )

  it.effect("are reported if they stay missing, and saved once they appear", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { late: late(["never"]) })
      const { project } = host
      const report = yield* archived(host, filename)
      const shown = { items: (run: number, item: number) => !heldBack(run, item) }
      assert.deepStrictEqual(differences(filename, project, shown), [])
      assert.isFalse(report.complete)
      assert.deepStrictEqual(report.missing, missingOf(project, [0, 4, 8]))
      assert.deepStrictEqual(report.failed, [])

      host.behave({})
      const again = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, project), [])
      assert.deepStrictEqual([again.complete, again.missing, again.output_items.saved], [true, [], 6])
      assert.strictEqual(again.skippedRuns, 9, "runs that were complete are not read again")
    })
  )

  it.effect("are not waited for in runs that cannot be read", () =>
    Effect.gen(function* () {
      const host = make(shape, { denials: [{ path: "/output_items", status: 403 }] })
      const report = yield* archived(host, yield* file)
      assert.strictEqual(report.missing.length, 12)
      const asked = host.stats.paths.filter((path) => path.includes("/output_items")).length
      assert.strictEqual(asked, 24, "each run twice")
    })
  )
})

describe("a host with wrong paging", () => {
  const long: Shape = { seed: 4, evals: 120, runs: [1], files: 3 }
  const manyRuns: Shape = { seed: 5, evals: 1, runs: [...Array(45).fill(2), 250] }

  it.effect("denies further pages: all items are saved", () =>
    Effect.gen(function* () {
      for (const one of [long, manyRuns]) {
        const filename = yield* file
        const host = make(one, { more: "nothing" })
        const report = yield* archived(host, filename)
        assert.deepStrictEqual(differences(filename, host.project), [])
        assert.isTrue(report.complete)
      }
    })
  )

  it.effect("promises a page that does not exist: all items are saved", () =>
    Effect.gen(function* () {
      for (const one of [long, manyRuns]) {
        const filename = yield* file
        const host = make(one, { more: "something" })
        const report = yield* archived(host, filename)
        assert.deepStrictEqual(differences(filename, host.project), [])
        assert.isTrue(report.complete)
      }
    })
  )

  it.effect("repeats the first page: the list fails", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(long, { ignoresCursor: true })
      const report = yield* archived(host, filename)
      assert.isFalse(report.complete)
      assert.deepStrictEqual(
        report.failed.map(({ id, kind }) => ({ id, kind })),
        [{ kind: "evals", id: "*" }]
      )
      assert.match(report.failed[0]?.message ?? "", /ignores the cursor/)
      assert.deepStrictEqual(differences(filename, host.project, { evals: (index) => index < 100 }), [])
    })
  )

  it.effect("repeats the first page of a run's items: no error mentions a retry", () =>
    Effect.gen(function* () {
      const host = make({ seed: 4, evals: 1, runs: [110] }, { ignoresCursor: true })
      const report = yield* archived(host, yield* file)
      const failed = report.failed.find(({ kind }) => kind === "runs")
      assert.match(failed?.message ?? "", /ignores the cursor/)
      assert.notMatch(failed?.message ?? "", /tried again/)
    })
  )

  it.effect("starts again after the last page: everything is saved, and the list is reported", () =>
    Effect.gen(function* () {
      for (const one of [long, manyRuns]) {
        const filename = yield* file
        const host = make(one, { cycles: true })
        const report = yield* archived(host, filename)
        assert.deepStrictEqual(differences(filename, host.project), [])
        assert.isFalse(report.complete)
        // the items of a run are counted by the run: all of them are there
        assert.isFalse(report.failed.some(({ kind }) => kind === "runs" || kind === "output_items"))
        assert.match(report.failed[0]?.message ?? "", /pages go in a circle/)
        assert.deepStrictEqual(report.missing, [])
        // each page once, and one more that shows the circle
        assert.lengthOf(new Set(host.stats.paths), host.stats.paths.length)
        const planned = yield* inTime(plan().pipe(Effect.provide(client(make(one, { cycles: true })))))
        assert.isTrue(planned.failed.some(({ id, kind }) => kind === "evals" && id === "*"))
      }
    })
  )
})
