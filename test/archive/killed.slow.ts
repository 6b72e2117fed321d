import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { once } from "node:events"
import { newest } from "../../src/store/migrations.ts"
import { make } from "../support/host/host.ts"
import type { Shape } from "../support/host/project.ts"
import { archive, host, killedArchive, start } from "./lib/processes.ts"
import { file } from "./lib/run.ts"
import { differences, everything, itemCount, rows } from "./lib/stored.ts"

const shape: Shape = { seed: 7, evals: 6, runs: [100, 0, 1, 250, 40], files: 6, largeFile: 6_000_000 }

const faults = { latency: 2, refused: 0.02, retryAfter: 20, lost: 0.01, cut: 0.01 }

describe("an archive in a separate process", () => {
  it.effect("resumes after a kill", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const { baseUrl, behave, stats } = yield* host({ default: [shape, { ...faults, heldAfter: 24 }] })
      const killed = yield* Effect.promise(() => killedArchive(filename, baseUrl, () => itemCount(filename) >= 900))
      assert.isTrue(killed, "it was still at work")
      yield* Effect.promise(() => behave(faults))
      const report = yield* Effect.promise(() => archive(filename, baseUrl))
      assert.deepStrictEqual(differences(filename, make(shape).project), [])
      assert.deepStrictEqual([report.complete, report.failed, report.missing], [true, [], []])
      const all = (yield* Effect.promise(stats)).paths.filter((path) => path.includes("output_items"))
      // 42 pages in all, of which about half are saved
      assert.isBelow(all.length, 34, "what was saved is not asked for again")

      const rowsBefore = everything(filename)
      yield* Effect.promise(() => archive(filename, baseUrl))
      assert.deepStrictEqual(everything(filename), rowsBefore)
    })
  )
})

describe("a new file", () => {
  it.effect("that several processes open at the same time is created once", () =>
    Effect.gen(function* () {
      const filename = yield* file
      const children = Array.from({ length: 4 }, () => start("open-process.ts", filename))
      const line = (child: (typeof children)[number]) =>
        child.stdout === null ? Promise.reject(new Error("no output")) : once(child.stdout, "data").then(String)
      yield* Effect.promise(() => Promise.all(children.map(line)))
      const counted = Promise.all(children.map(line))
      for (const child of children) child.stdin?.write("now\n")
      const tables = yield* Effect.promise(() => counted)
      assert.deepStrictEqual(new Set(tables).size, 1, tables.join())
      assert.isAbove(Number(tables[0]), 8)
      const migrated = rows(filename, "SELECT migration_id FROM migrations ORDER BY migration_id")
      assert.deepStrictEqual(
        migrated.map((row) => row["migration_id"]),
        Array.from({ length: newest }, (_, index) => index + 1)
      )
    })
  )
})
