/** Runs of a host whose items have the same ids. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Database, exportTo, verify } from "effect-evals/archive"
import { NodeServices } from "@effect/platform-node"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { keyItemsByRun } from "../../src/store/itemsByRun.ts"
import { newest } from "../../src/store/migrations.ts"
import * as Sqlite from "../../src/store/Sqlite.ts"
import { command } from "../cli/lib/memory.ts"
import { make } from "../support/host/host.ts"
import type { Shape } from "../support/host/project.ts"
import { archived, file, folder } from "./lib/run.ts"
import { differences, everything, rows } from "./lib/stored.ts"

const shape: Shape = { seed: 11, evals: 2, runs: [5, 3], sharedItems: true, plain: true }

const verified = (filename: string) => verify().pipe(Effect.provide(Database.layer({ filename, readonly: true })))

const lines = (path: string): ReadonlyArray<{ readonly [key: string]: unknown }> =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("items with the same ids in several runs", () => {
  it.effect("are saved for each run, and unchanged the second time", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const host = make(shape)
      const report = yield* archived(host, filename)
      assert.isTrue(report.complete)
      assert.deepStrictEqual(report.output_items, { saved: 16, changed: 0, unchanged: 0 })
      assert.deepStrictEqual(differences(filename, host.project), [])
      const { checked, complete } = yield* verified(filename)
      assert.deepInclude(checked, { output_items: 16, superseded: 0 })
      assert.isTrue(complete)
      const before = everything(filename)
      assert.deepInclude(yield* archived(host, filename), { complete: true, skippedRuns: 4 })
      assert.deepStrictEqual(everything(filename), before)
    })
  )

  it.effect("are kept apart by the commands, in an export and in a verification", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      yield* archived(make(shape), filename)
      for (const run of [0, 1, 2, 3]) {
        const { stdout } = yield* command(["items", project.runId(run), "--db", filename, "--json"])
        assert.lengthOf(stdout.trimEnd().split("\n"), project.total(run, 0))
      }
      const id = project.itemId(0, 1)
      const ambiguous = yield* command(["show", id, "--db", filename])
      assert.strictEqual(ambiguous.code, 2)
      assert.include(ambiguous.stderr, `Several runs have an item ${id}: name one with --run (`)
      const shown = yield* command(["show", id, "--run", project.runId(2), "--db", filename, "--json"])
      assert.strictEqual(JSON.parse(shown.stdout).run_id, project.runId(2))

      const connection = new DatabaseSync(filename)
      connection.exec(`UPDATE output_items SET body = '{}' WHERE id = '${id}' AND run_id = '${project.runId(2)}'`)
      connection.close()
      assert.deepStrictEqual(
        (yield* verified(filename)).wrong.map((wrong) => [wrong.id, wrong.runId]),
        [[id, project.runId(2)]]
      )
      const out = join(yield* folder, "out")
      yield* exportTo({ out }).pipe(
        Effect.provide(Database.layer({ filename, readonly: true })),
        Effect.provide(NodeServices.layer)
      )
      const indexed = lines(join(out, "index.jsonl")).filter((line) => line["id"] === id)
      assert.deepStrictEqual(
        indexed.map((line) => line["run_id"]).toSorted(),
        [0, 1, 2, 3].map(project.runId).toSorted()
      )
    })
  )

  it.effect("keep their older versions under their own run", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      yield* archived(make(shape), filename)
      const connection = new DatabaseSync(filename)
      // the text as it was before a change, and a run that is read again
      connection.exec(`UPDATE output_items SET body = 'before', sha256 = 'before' WHERE run_id = '${project.runId(2)}'`)
      connection.exec(`UPDATE archive_runs SET complete = 0 WHERE run_id = '${project.runId(2)}'`)
      connection.close()
      assert.deepStrictEqual((yield* archived(make(shape), filename)).output_items, {
        saved: 0,
        changed: 5,
        unchanged: 0
      })
      assert.deepStrictEqual(differences(filename, project), [])
      assert.deepStrictEqual(
        rows(filename, "SELECT DISTINCT kind, run_id, body FROM superseded").map((row) => ({ ...row })),
        [{ kind: "output_items", run_id: project.runId(2), body: "before" }]
      )
    })
  )

  it.effect("that an earlier version of the library mixed up are restored by the migration", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { project } = make(shape)
      yield* archived(make(shape), filename)
      const whole = everything(filename)
      const connection = new DatabaseSync(filename)
      const displace = (run: string, at: number) =>
        connection.exec(`
          INSERT INTO superseded (project, kind, id, body, sha256, read_at, request_id, superseded_at)
          SELECT project, 'output_items', id, body, sha256, read_at, request_id, ${at} FROM output_items WHERE run_id = '${run}'`)
      // as the earlier version left it: three of the runs were displaced, one of them twice, and one text is there still
      connection.exec("ALTER TABLE superseded DROP COLUMN run_id")
      for (const [run, at] of [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 4],
        [3, 5]
      ] as const) {
        displace(project.runId(run), at)
      }
      connection.exec(`DELETE FROM output_items WHERE run_id <> '${project.runId(3)}'`)
      connection.exec(`UPDATE superseded SET body = 'older of 0' WHERE superseded_at = 1`)
      connection.close()
      yield* keyItemsByRun.pipe(Effect.provide(Sqlite.layer({ filename }, newest)))
      assert.deepStrictEqual(
        everything(filename).filter((line) => !line.startsWith("superseded")),
        whole
      )
      // what names no run stays as it is
      assert.deepStrictEqual(
        rows(filename, "SELECT run_id, body, count(*) AS n FROM superseded GROUP BY run_id, body").map((row) => ({
          ...row
        })),
        [{ run_id: null, body: "older of 0", n: 5 }]
      )
    })
  )
})
