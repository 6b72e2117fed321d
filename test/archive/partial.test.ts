import { assert, describe, it } from "@effect/vitest"
import { Effect, Option } from "effect"
import { EvalId } from "effect-evals"
import type { Report } from "effect-evals/archive"
import { type Behaviour, make } from "../support/host/host.ts"
import type { Project, Shape } from "../support/host/project.ts"
import { archived, archiving, file, inTime } from "./lib/run.ts"
import { differences, type Expected, rows } from "./lib/stored.ts"

const shape: Shape = { seed: 6, evals: 5, runs: [12, 3, 110, 1], files: 6 }
const { evalId, fileId, runId } = make(shape).project
const perEval = shape.runs.length

const named = ({ failed }: Report) => failed.map(({ id, kind }) => `${kind} ${id}`)

/**
 * Archives from a host that denies something: what it denies is named with the
 * reason, everything else is saved, and an archive without the denial makes it
 * whole.
 */
const denied = (
  behaviour: Behaviour,
  expected: Expected,
  check: (report: Report, project: Project) => void,
  options: { readonly evalIds?: ReadonlyArray<EvalId> } = {}
) =>
  Effect.gen(function* () {
    const filename = yield* file
    const host = make(shape, behaviour)
    const report = yield* archived(host, filename, options)
    assert.isFalse(report.complete)
    assert.deepStrictEqual(differences(filename, host.project, expected), [])
    check(report, host.project)

    host.behave({})
    const whole = yield* archived(host, filename)
    assert.deepStrictEqual(differences(filename, host.project), [])
    assert.deepStrictEqual([whole.complete, whole.failed, whole.missing], [true, [], []])
  })

describe("with a key that may read only part", () => {
  for (const status of [401, 403, 404, 410]) {
    it.effect(`an eval whose runs are answered with ${status} is saved and reported`, () =>
      denied(
        { denials: [{ path: `^/evals/${evalId(1)}/runs\\?`, status }] },
        { runs: (run) => Math.floor(run / perEval) !== 1 },
        (report) => {
          assert.deepStrictEqual(named(report), [`evals ${evalId(1)}`])
          assert.match(report.failed[0]?.message ?? "", new RegExp(`${status} You may not read this`))
        }
      )
    )
  }

  it.effect("a run whose items are denied is saved, reported, and counted as missing", () =>
    denied(
      { denials: [{ path: `/runs/${runId(6)}/output_items`, status: 403 }] },
      { items: (run) => run !== 6 },
      (report) => {
        assert.deepStrictEqual(named(report), [`runs ${runId(6)}`])
        assert.deepStrictEqual(report.missing, [{ evalId: evalId(1), runId: runId(6), saved: 0, total: 110 }])
      }
    )
  )

  it.effect("the readable items of a run are saved", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, {
        denials: [{ path: `/runs/${runId(6)}/output_items.*(after|desc|status)`, status: 404 }]
      })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(report.missing, [{ evalId: evalId(1), runId: runId(6), saved: 100, total: 110 }])
      const saved = rows(filename, "SELECT datasource_item_id AS item FROM output_items WHERE run_id = ?", runId(6))
      const shown = new Set(saved.map(({ item }) => item))
      assert.deepStrictEqual(
        differences(filename, host.project, { items: (run, item) => run !== 6 || shown.has(item) }),
        []
      )
      // what was saved is not asked for again
      host.behave({})
      assert.isTrue((yield* archived(host, filename)).complete)
      assert.strictEqual(host.stats.paths.filter((path) => path.includes(runId(6))).length, 1)
      assert.deepStrictEqual(differences(filename, host.project), [])
    })
  )

  it.effect("a denied list of files is reported, and files that runs refer to are saved", () =>
    denied({ denials: [{ path: "^/files\\?", status: 403 }] }, { files: (index) => index % 3 === 0 }, (report) =>
      assert.deepStrictEqual(named(report), ["files *"])
    )
  )

  it.effect("files whose contents are denied are reported, both listed and referred ones", () =>
    denied({ denials: [{ path: "^/files/.*/content", status: 410 }] }, { contents: () => false }, (report) => {
      const all = Array.from({ length: 6 }, (_, index) => `files ${fileId(index)}`)
      assert.deepStrictEqual(named(report), all.toSorted())
    })
  )

  it.effect("requested evals that cannot be read are reported", () =>
    denied(
      {
        denials: [
          { path: `^/evals/${evalId(1)}/runs\\?`, status: 403 },
          { path: `^/evals/${evalId(2)}$`, status: 404 }
        ]
      },
      { evals: (index) => index < 2, runs: (run) => run < perEval, files: (index) => index < 4 && index % 3 === 0 },
      (report) => assert.deepStrictEqual(named(report), [`evals ${evalId(1)}`, `evals ${evalId(2)}`]),
      { evalIds: [0, 1, 2].map((index) => EvalId.make(evalId(index))) }
    )
  )

  for (const after of [0, 1, 4, 12, 20]) {
    it.effect(
      `a key that is revoked after ${after} requests: everything that was read is kept, the rest is reported`,
      () =>
        Effect.gen(function* () {
          const filename = yield* file
          const host = make(shape, { latency: 5, denials: [{ path: "", status: 401, after }] })
          const report = yield* archived(host, filename, { concurrency: 2 })
          assert.isFalse(report.complete)
          assert.isNotEmpty(report.failed)
          for (const { message } of report.failed) assert.match(message, /401 You may not read this/)
          // nothing is there that the host did not send
          const wrong = differences(filename, host.project).filter((line) => !line.endsWith("is missing"))
          assert.deepStrictEqual(wrong, [])
          host.behave({})
          const whole = yield* archived(host, filename)
          assert.deepStrictEqual(differences(filename, host.project), [])
          assert.isTrue(whole.complete)
        })
    )
  }
})

describe("an eval that is deleted meanwhile", () => {
  it.effect("keeps what was read of it, and is reported", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { latency: 10, deleted: [{ eval: 3, after: 6 }] })
      const report = yield* archived(host, filename, { concurrency: 2 })
      assert.isFalse(report.complete)
      assert.deepStrictEqual(
        differences(filename, host.project, { runs: (run) => Math.floor(run / perEval) !== 3 }).filter(
          (line) => !line.endsWith("is too many")
        ),
        []
      )
      assert.isTrue(report.failed.some(({ id }) => id === evalId(3) || [12, 13, 14, 15].map(runId).includes(id)))
      assert.match(report.failed[0]?.message ?? "", /404 No such eval found/)
    })
  )
})

describe("an archive that is interrupted", () => {
  it.effect("resumes, and reports objects that the host has lost meanwhile", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { latency: 400 })
      for (const millis of [1500, 2500]) {
        const stopped = yield* inTime(
          Effect.timeoutOption(archiving(host, filename, { concurrency: 2 }), `${millis} millis`)
        )
        assert.isTrue(Option.isNone(stopped), "it was still at work")
      }
      const runs = rows(filename, "SELECT count(*) AS n FROM runs")[0]?.["n"]
      assert.isTrue(Number(runs) > 0 && Number(runs) < 20, `${String(runs)} runs are saved so far`)
      // listed at first, and never read
      host.behave({ deleted: [{ eval: 4, after: 0 }] })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(
        differences(filename, host.project, { runs: (run) => Math.floor(run / perEval) !== 4 }),
        []
      )
      assert.deepStrictEqual(named(report), [`evals ${evalId(4)}`])
      assert.match(report.failed[0]?.message ?? "", /404 No such eval found/)
    })
  )
})

describe("a page that the host cannot send", () => {
  it.effect("is replaced by smaller pages", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape, { denials: [{ path: "limit=(100|20|25)\\b", status: 500 }] })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, host.project), [])
      assert.isTrue(report.complete)
    })
  )

  it.effect("is reported if single objects fail too", () =>
    denied(
      { denials: [{ path: `/runs/${runId(2)}/output_items`, status: 503 }] },
      { items: (run) => run !== 2 },
      (report) => assert.match(report.failed[0]?.message ?? "", /503 You may not read this/)
    )
  )
})

describe("a file", () => {
  it.effect("whose download always breaks off is reported, and its partial content is not taken for complete", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make({ ...shape, largeFile: 5_000_000 }, { brokenDownloads: 1000 })
      const report = yield* archived(host, filename)
      // one file is empty, which cannot break off
      assert.strictEqual(report.failed.length, 5)
      assert.deepStrictEqual(
        rows(filename, "SELECT id FROM files WHERE content_sha256 IS NOT NULL").map((row) => row["id"]),
        [fileId(1)]
      )
      host.behave({})
      const whole = yield* archived(host, filename)
      assert.deepStrictEqual(differences(filename, host.project), [])
      assert.isTrue(whole.complete)
    })
  )

  it.effect("that is shorter than the host states is kept, reported, and downloaded again next time", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make({ ...shape, files: 3, evals: 1 }, { shortDownloads: true })
      const report = yield* archived(host, filename)
      assert.deepStrictEqual(named(report), [`files ${fileId(0)}`, `files ${fileId(2)}`])
      assert.match(report.failed[0]?.message ?? "", /has 3000 bytes, and sent 1500; they are kept/)
      assert.strictEqual(rows(filename, "SELECT sum(length(content)) AS n FROM file_pieces")[0]?.["n"], 1500 + 537)
      host.behave({})
      assert.isTrue((yield* archived(host, filename)).complete)
      assert.deepStrictEqual(differences(filename, host.project), [])
    })
  )
})
