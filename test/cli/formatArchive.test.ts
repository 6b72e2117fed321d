import { assert, describe, it } from "@effect/vitest"
import type { Report } from "effect-evals/archive"
import * as FormatArchive from "../../src/cli/formatArchive.ts"
import { byteSize, roughDuration } from "../../src/report/format.ts"

const none = { saved: 0, unchanged: 0, changed: 0 }

const report: Report = {
  project: "production",
  evals: { saved: 1, unchanged: 20, changed: 3 },
  runs: none,
  output_items: { saved: 12_345, unchanged: 0, changed: 0 },
  files: none,
  skippedRuns: 4,
  unfinishedRuns: ["evalrun_7"],
  missing: [{ evalId: "eval_1", runId: "evalrun_1", saved: 97, total: 100 }],
  failed: [
    { kind: "files", id: "file-1", message: "downloadFile: 404 gone" },
    { kind: "evals", id: "*", message: "listEvalsPage: 403 no" }
  ],
  gone: ["file-9"],
  complete: false
}

describe("the report of an archive", () => {
  it("lists all failures and missing objects, and says what to do", () => {
    assert.strictEqual(
      FormatArchive.formatReport(report, "evals.db"),
      [
        "project production in evals.db: NOT COMPLETE",
        "",
        "               saved  already there  changed since",
        "evals              1             20              3",
        "runs               0              0              0",
        "output items  12,345              0              0",
        "files              0              0              0",
        "4 finished runs complete before: not read again",
        "1 run not ended yet, saved as they are now (archive again after their end):",
        "  evalrun_7",
        "missing: the host shows fewer items than the run counts:",
        "  evalrun_1 of eval_1: 97 of 100 items",
        "failed:",
        "  file file-1: downloadFile: 404 gone",
        "  the list of evals: listEvalsPage: 403 no",
        "gone: files that runs refer to and the host no longer has:",
        "  file-9",
        "",
        "Call the same command again: it fetches the missing objects."
      ].join("\n")
    )
  })

  it("suggests the same command again only if it can succeed", () => {
    const lastLine = (part: Partial<Report>) =>
      FormatArchive.formatReport({ ...report, ...part }, "evals.db")
        .split("\n")
        .at(-1)
    const denied = { kind: "runs", id: "evalrun_1", message: "403 no", isRetryable: false } as const
    const again = "Call the same command again: it fetches the missing objects."
    const mend = "First fix the failures: the same command would fail again. It then fetches the missing objects."
    // it is short of items since it may not be read
    assert.strictEqual(lastLine({ failed: [denied] }), mend)
    assert.strictEqual(lastLine({ failed: [denied], missing: [] }), mend)
    assert.strictEqual(lastLine({ failed: [] }), again)
    assert.strictEqual(lastLine({ failed: [denied, { ...denied, id: "evalrun_2", isRetryable: true }] }), again)
    // of an earlier archive no more is known
    assert.strictEqual(lastLine({ failed: [{ kind: "evals", id: "eval_1", message: "404 no" }] }), again)
  })

  it("is short if the archive is complete", () => {
    const well: Report = {
      ...report,
      skippedRuns: 0,
      unfinishedRuns: [],
      missing: [],
      failed: [],
      gone: [],
      complete: true
    }
    assert.strictEqual(FormatArchive.formatReport(well, "evals.db").split("\n").length, 7)
  })
})

describe("the report of a verification", () => {
  it("names the project if the file holds several", () => {
    const text = FormatArchive.formatVerification(
      {
        projects: ["a", "b"],
        checked: { evals: 1, runs: 2, output_items: 3, files: 0, superseded: 0, bytes: 1234 },
        wrong: [
          { project: "a", kind: "evals", id: "eval_1", message: "the hash differs" },
          { project: "", kind: "database", id: "*", message: "row 3 missing" }
        ],
        missing: [{ project: "b", evalId: "eval_1", runId: "evalrun_1", saved: 0, total: 1 }],
        failed: [],
        unfinishedRuns: [],
        complete: false
      },
      "evals.db"
    )
    assert.strictEqual(
      text,
      [
        "evals.db: NOT AS IT SHOULD BE",
        "checked: 1 eval, 2 runs, 3 output items, 0 files, 0 older versions, 1.2 kB",
        "damaged:",
        "  [a] evals eval_1: the hash differs",
        "  the database: row 3 missing",
        "missing: fewer items are saved than the run counts:",
        "  [b] evalrun_1 of eval_1: 0 of 1 item"
      ].join("\n")
    )
  })
})

describe("figures", () => {
  it("are formatted for people", () => {
    assert.deepStrictEqual([0, 999, 1000, 12_345, 5e6, 123e9, 7e15].map(byteSize), [
      "0 B",
      "999 B",
      "1.0 kB",
      "12.3 kB",
      "5.0 MB",
      "123 GB",
      "7000 TB"
    ])
    assert.deepStrictEqual([0.2, 42, 150, 3600, 7200].map(roughDuration), [
      "a second",
      "42 s",
      "3 min",
      "60 min",
      "2.0 h"
    ])
  })
})
