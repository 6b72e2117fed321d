import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { make } from "../support/host/host.ts"
import type { Shape } from "../support/host/project.ts"
import { archive, host, killedArchive } from "./lib/processes.ts"
import { file } from "./lib/run.ts"
import { differences, everything, itemCount, rows } from "./lib/stored.ts"

const isList = (path: string) => /^\/(evals|evals\/[^/]+\/runs|files)\?/.test(path)

const faults = { latency: 2, refused: 0.02, retryAfter: 20, lost: 0.01, cut: 0.01 }

describe("a host with 100 evals, 500 runs, 50,000 items and files", () => {
  const shape: Shape = {
    seed: 2026,
    evals: 100,
    runs: [100, 0, 1, 250, 149],
    files: 40,
    largeFile: 30_000_000,
    largeItem: 5_000_000,
    unfinished: true,
    unknownStatus: true
  }

  const lost = 90

  it.effect("that fails in many ways is archived completely, although the process is killed ten times", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      const hostOf = yield* host({
        default: [
          shape,
          {
            latency: 1,
            refused: 0.02,
            retryAfter: 100,
            failed: 0.01,
            lost: 0.01,
            cut: 0.01,
            slow: 0.02,
            slowMillis: 200,
            brokenDownloads: 1,
            late: { every: 15, share: 20, ways: ["later", "other end", "by status"], millis: 1500 },
            // one that is listed, and gone when its runs are asked for
            deleted: [{ eval: lost, after: 40 }]
          }
        ]
      })
      const { baseUrl } = hostOf
      for (let kill = 1; kill <= 10; kill++) {
        const killed = yield* Effect.promise(() =>
          killedArchive(filename, baseUrl, () => itemCount(filename) >= kill * 4000)
        )
        assert.isTrue(killed, `it was still at work at the ${kill}th time`)
      }
      const report = yield* Effect.promise(() => archive(filename, baseUrl))

      const expected = { runs: (run: number) => Math.floor(run / shape.runs.length) !== lost }
      assert.deepStrictEqual(differences(filename, project, expected), [])
      assert.deepStrictEqual([report.complete, report.missing], [false, []])
      assert.deepStrictEqual(
        report.failed.map(({ id, kind }) => `${kind} ${id}`),
        [`evals ${project.evalId(lost)}`]
      )
      assert.match(report.failed[0]?.message ?? "", /404 No such eval found/)

      // again: nothing changes, and nothing is asked for but lists and unfinished runs
      const before = everything(filename)
      yield* Effect.promise(() => hostOf.behave({ deleted: [{ eval: lost, after: 0 }] }))
      yield* Effect.promise(() => archive(filename, baseUrl))
      const isStored = (line: string) => !line.startsWith("archive_problems")
      assert.deepStrictEqual(everything(filename).filter(isStored), before.filter(isStored))
      const mayBeRead = new Set(report.unfinishedRuns)
      assert.strictEqual(mayBeRead.size, 50 + 20)
      const asked = (yield* Effect.promise(hostOf.stats)).paths
      assert.deepStrictEqual(
        asked.filter((path) => path.includes("/content") || !(mayBeRead.has(path.split("/")[4] ?? "") || isList(path))),
        [`/files/${project.fileId(0xdead)}`]
      )

      // the runs that were unfinished have ended, and some evals have been renamed
      yield* Effect.promise(() => hostOf.behave({ age: 1, deleted: [{ eval: lost, after: 0 }] }))
      yield* Effect.promise(() => archive(filename, baseUrl))
      assert.deepStrictEqual(differences(filename, project, { ...expected, age: 1 }), [])
    })
  )
})

describe("one file", () => {
  const shape: Shape = { seed: 7, evals: 6, runs: [100, 0, 1, 250, 40], files: 6, largeFile: 6_000_000 }

  it.effect("shares its file with another archive of the same project", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { baseUrl } = yield* host({ default: [shape, faults] })
      const reports = yield* Effect.promise(() =>
        Promise.all([archive(filename, baseUrl), archive(filename, baseUrl), archive(filename, baseUrl)])
      )
      assert.deepStrictEqual(differences(filename, make(shape).project), [])
      for (const report of reports) assert.deepStrictEqual(report.missing, [])
      assert.deepStrictEqual(rows(filename, "SELECT * FROM superseded"), [])
      assert.deepStrictEqual(rows(filename, "SELECT * FROM archive_problems"), [])
      assert.deepStrictEqual(rows(filename, "SELECT run_id FROM archive_runs WHERE complete = 0"), [])
      // each object was saved by one of them, and found by the others
      const saved = reports.reduce((sum, report) => sum + report.output_items.saved, 0)
      assert.strictEqual(saved, 6 * 391)
    })
  )

  it.effect("shares its file with an archive of another project", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const other: Shape = { ...shape, seed: 8, files: 3, largeFile: 2_000_000 }
      const { baseUrl } = yield* host({ one: [shape, faults], other: [other, faults] })
      const reports = yield* Effect.promise(() =>
        Promise.all([archive(filename, baseUrl, "one"), archive(filename, baseUrl, "other")])
      )
      assert.deepStrictEqual(
        reports.map((report) => [report.project, report.complete]),
        [
          ["one", true],
          ["other", true]
        ]
      )
      assert.deepStrictEqual(differences(filename, make(shape).project, {}, "one"), [])
      assert.deepStrictEqual(differences(filename, make(other).project, {}, "other"), [])
    })
  )
})
