import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { EvalId } from "effect-evals"
import type { Progress } from "effect-evals/archive"
import { type Host, make } from "../support/host/host.ts"
import type { Shape } from "../support/host/project.ts"
import { archived, file } from "./lib/run.ts"
import { differences, everything, rows } from "./lib/stored.ts"

/** Runs of no, one, few, exactly a page, and more than a page of items. */
const shape: Shape = { seed: 1, evals: 6, runs: [100, 0, 1, 130, 7], files: 8 }

const perEval = shape.runs.length

const itemsOf = (host: Host, runs: ReadonlyArray<number>): number =>
  runs.reduce((sum, run) => sum + host.project.total(run, 0), 0)

describe("an archive", () => {
  it.effect("stores the bytes that the host sent", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make({ ...shape, largeItem: 5_000_000, largeFile: 2_500_000, unknownStatus: true })
      const report = yield* archived(host, filename, { host: "http://host/v1" })
      assert.deepStrictEqual(differences(filename, host.project), [])
      assert.deepStrictEqual(report, {
        project: "default",
        evals: { saved: 6, changed: 0, unchanged: 0 },
        runs: { saved: 30, changed: 0, unchanged: 0 },
        output_items: { saved: 1428, changed: 0, unchanged: 0 },
        files: { saved: 8, changed: 0, unchanged: 0 },
        skippedRuns: 0,
        // a status that nobody knows may still change
        unfinishedRuns: [host.project.runId(24)],
        missing: [],
        failed: [],
        // a run refers to a file that was deleted long ago
        gone: [host.project.fileId(0xdead)],
        complete: true
      })
      assert.deepStrictEqual(
        rows(filename, "SELECT name, host FROM projects").map((row) => ({ ...row })),
        [{ name: "default", host: "http://host/v1" }]
      )
      // each row says when and by which request it came
      assert.deepStrictEqual(
        rows(
          filename,
          "SELECT count(*) AS n FROM output_items WHERE request_id NOT LIKE 'req_%' OR read_at IS NULL"
        ).map((row) => row["n"]),
        [0]
      )
    })
  )

  it.effect("is the same if the host fails occasionally", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(
        { ...shape, largeFile: 3_000_000 },
        {
          latency: 20,
          refused: 0.08,
          retryAfter: 300,
          failed: 0.05,
          lost: 0.05,
          cut: 0.05,
          slow: 0.1,
          slowMillis: 3000,
          brokenDownloads: 2
        }
      )
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, host.project), [])
      assert.deepStrictEqual([report.complete, report.failed, report.missing], [true, [], []])
    })
  )

  it.effect("of an unchanged project changes no row the second time, and reads only lists and unfinished runs", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make({ ...shape, unfinished: true })
      yield* archived(host, filename)
      const before = everything(filename)
      host.behave({})
      yield* TestClock.adjust("1 day")
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(everything(filename), before)
      const unfinished = [7, 17, 27].map((run) => host.project.runId(run))
      assert.deepStrictEqual(report.unfinishedRuns.toSorted(), unfinished)
      assert.strictEqual(report.skippedRuns, 27)
      assert.deepStrictEqual(report.output_items, {
        saved: 0,
        changed: 0,
        unchanged: itemsOf(host, [7, 17, 27])
      })
      for (const path of host.stats.paths) {
        const isList = /^\/(evals|evals\/[^/]+\/runs|files)\?/.test(path)
        const isGone = path === `/files/${host.project.fileId(0xdead)}`
        assert.isTrue(isList || isGone || unfinished.some((run) => path.includes(run)), path)
      }
    })
  )

  it.effect("stores changed objects the second time, and keeps their older versions", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make({ ...shape, unfinished: true })
      const { project } = host
      yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, project), [])

      host.behave({ age: 1 })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, project, { age: 1 }), [])
      assert.deepStrictEqual(report.evals, { saved: 0, changed: 1, unchanged: 5 })
      assert.deepStrictEqual(report.runs, { saved: 0, changed: 3, unchanged: 27 })
      assert.deepStrictEqual([report.unfinishedRuns, report.complete], [[], true])

      const older = rows(filename, "SELECT kind, id, CAST(body AS BLOB) AS body FROM superseded ORDER BY kind, id")
      const wanted = [
        ["evals", project.evalId(2), project.evalText(2, 0)],
        ...[7, 17, 27].map((run) => ["runs", project.runId(run), project.runText(run, 0)])
      ]
      assert.deepStrictEqual(
        older.map(({ body, id, kind }) => [kind, id, body instanceof Uint8Array ? Buffer.from(body).toString() : body]),
        wanted
      )

      const before = everything(filename)
      yield* TestClock.adjust("1 day")
      yield* archived(host, filename)
      assert.deepStrictEqual(everything(filename), before)
    })
  )

  it.effect("keeps several projects apart, even if their ids are equal", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const one = make({ ...shape, seed: 1 })
      const other = make({ ...shape, seed: 2, evals: 2, files: 3 })
      yield* archived(one, filename, { project: "one" })
      yield* archived(other, filename, { project: "other" })
      const again = yield* archived(one, filename, { project: "one" })
      assert.deepStrictEqual(differences(filename, one.project, {}, "one"), [])
      assert.deepStrictEqual(differences(filename, other.project, {}, "other"), [])
      assert.strictEqual(again.skippedRuns, one.project.runs)
      assert.deepStrictEqual(rows(filename, "SELECT * FROM superseded"), [])
    })
  )

  it.effect("of selected evals contains these, their runs, and the files that the runs refer to", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape)
      const { project } = host
      const report = yield* archived(host, filename, {
        evalIds: [1, 4].map((index) => EvalId.make(project.evalId(index)))
      })
      const chosen = (index: number) => index === 1 || index === 4
      const referred = new Set(
        Array.from({ length: project.runs }, (_, run) => run)
          .filter((run) => chosen(Math.floor(run / perEval)))
          .map(project.sourceOf)
      )
      const isReferred = (index: number) => referred.has(project.fileId(index))
      assert.deepStrictEqual(differences(filename, project, { evals: chosen, files: isReferred }), [])
      assert.isTrue(report.complete)
      assert.isFalse(
        host.stats.paths.some((path) => path.includes(project.evalId(0))),
        "other evals are not asked for"
      )

      // all of it afterwards
      yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, project), [])
    })
  )

  it.effect("reports its progress", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { latency: 10 })
      const seen: Array<Progress> = []
      yield* archived(host, filename, { onProgress: (progress) => Effect.sync(() => void seen.push(progress)) })
      const last = seen.at(-1)
      assert.deepStrictEqual(
        [last?.evals, last?.runs, last?.items, last?.files],
        [6, 30, 1428, 8].map((count) => ({ done: count, total: count }))
      )
      for (const [at, progress] of seen.entries()) {
        const before = seen[at - 1]
        assert.isTrue(before === undefined || progress.items.done >= before.items.done, "nothing is taken back")
        assert.isTrue(progress.items.done <= progress.items.total)
        assert.isTrue(before === undefined || progress.bytes >= before.bytes)
      }
      const sum = rows(
        filename,
        `SELECT (SELECT sum(length(CAST(body AS BLOB))) FROM evals) + (SELECT sum(length(CAST(body AS BLOB))) FROM runs)
          + (SELECT sum(length(CAST(body AS BLOB))) FROM output_items) + (SELECT sum(length(CAST(body AS BLOB))) FROM files)
          + (SELECT sum(length(content)) FROM file_pieces) AS n`
      )
      assert.strictEqual(last?.bytes, sum[0]?.["n"])
    })
  )

  it.effect("keeps the limit of concurrent requests", () =>
    Effect.gen(function* () {
      const traffic = { inFlight: 0, most: 0 }
      yield* archived(make(shape, { latency: 50 }), yield* file, { concurrency: 5 }, traffic)
      assert.strictEqual(traffic.most, 5)
    })
  )
})
