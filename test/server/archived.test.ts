/** An archive as a database of the engine: byte for byte what the host sent, and new work beside it. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { verify } from "effect-evals/archive"
import { EvalsEngine } from "effect-evals/engine"
import { evaluation, item, over as fill, run as runOf, store, storeFile } from "../archive/lib/fill.ts"
import { archived, file } from "../archive/lib/run.ts"
import { differences, everything } from "../archive/lib/stored.ts"
import { at, definition, over, row, send } from "../behaviour/lib/engine.ts"
import { make as makeHost } from "../support/host/host.ts"
import type { Project, Shape } from "../support/host/project.ts"

const shape: Shape = { seed: 7, evals: 3, runs: [4, 0, 13, 1], files: 5, unfinished: true }

/** The bytes of an answer, as a text that shows each of them. */
const bytesOf = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  Effect.flatMap(EvalsEngine.makeFetch, (fetch) =>
    Effect.promise(async () => {
      const answer = await fetch(`http://localhost/v1${path}`, { headers })
      return Buffer.from(await answer.arrayBuffer()).toString("latin1")
    })
  )

const latin = (text: string): string => Buffer.from(text).toString("latin1")

interface Listed {
  readonly id: string
  readonly text: string
}

const pageOf = (objects: ReadonlyArray<Listed>, more = false): string =>
  latin(
    `{"object":"list","data":[${objects.map(({ text }) => text).join(",")}],` +
      `"first_id":${JSON.stringify(objects[0]?.id ?? null)},"last_id":${JSON.stringify(objects.at(-1)?.id ?? null)},"has_more":${more}}`
  )

const range = (length: number) => Array.from({ length }, (_, index) => index)

/** The objects of a project, in the order in which they were created. */
const objectsOf = (project: Project) => {
  const perEval = project.shape.runs.length
  return {
    evals: range(project.shape.evals).map((index): Listed & { readonly runs: ReadonlyArray<number> } => ({
      id: project.evalId(index),
      text: project.evalText(index, 0),
      runs: range(perEval).map((run) => index * perEval + run)
    })),
    run: (run: number): Listed => ({ id: project.runId(run), text: project.runText(run, 0) }),
    items: (run: number): ReadonlyArray<Listed> =>
      range(project.total(run, 0)).map((index) => ({
        id: project.itemId(run, index),
        text: project.itemText(run, index)
      })),
    files: range(project.shape.files ?? 0).map((index): Listed => ({
      id: project.fileId(index),
      text: project.fileText(index)
    }))
  }
}

/** Reads everything of a project that is served, alone and in lists, and compares it with what its host sent. */
const isAsSent = (project: Project, headers: Readonly<Record<string, string>> = {}) =>
  Effect.gen(function* () {
    const sent = objectsOf(project)
    const read = (path: string) => bytesOf(path, headers)
    assert.strictEqual(yield* read("/evals"), pageOf(sent.evals))
    for (const one of sent.evals) {
      const path = `/evals/${one.id}`
      assert.strictEqual(yield* read(path), latin(one.text))
      assert.strictEqual(yield* read(`${path}/runs`), pageOf(one.runs.map(sent.run)))
      for (const run of one.runs) {
        const { id, text } = sent.run(run)
        assert.strictEqual(yield* read(`${path}/runs/${id}`), latin(text))
        const items = sent.items(run)
        const listed = `${path}/runs/${id}/output_items`
        assert.strictEqual(yield* read(`${listed}?limit=100`), pageOf(items))
        assert.strictEqual(yield* read(`${listed}?limit=3`), pageOf(items.slice(0, 3), items.length > 3))
        const failed = items.filter((_, index) => !project.passes(run, index))
        assert.strictEqual(yield* read(`${listed}?status=failed&order=desc`), pageOf(failed.toReversed()))
        for (const each of items) assert.strictEqual(yield* read(`${listed}/${each.id}`), latin(each.text))
      }
    }
    assert.strictEqual(yield* read("/files"), pageOf(sent.files.toReversed()))
    for (const [index, { id, text }] of sent.files.entries()) {
      assert.strictEqual(yield* read(`/files/${id}`), latin(text))
      const content = Buffer.concat([...project.fileContent(index)])
      assert.isTrue(Buffer.from(yield* read(`/files/${id}/content`), "latin1").equals(content), id)
    }
  })

it.effect("an archive is served byte for byte as the host sent it: objects, lists and contents", () =>
  Effect.gen(function* () {
    const filename = yield* file
    const host = makeHost(shape)
    yield* archived(host, filename)
    const before = everything(filename)
    yield* isAsSent(host.project).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
    assert.deepStrictEqual(everything(filename), before)
    assert.deepStrictEqual(differences(filename, host.project), [])
  })
)

it.effect("several projects of one file are served by their names, each as its host sent it", () =>
  Effect.gen(function* () {
    const filename = yield* file
    const one = makeHost(shape)
    const two = makeHost({ ...shape, seed: 8, evals: 2, files: 2 })
    yield* archived(one, filename, { project: "one" })
    yield* archived(two, filename, { project: "two" })
    yield* Effect.gen(function* () {
      yield* isAsSent(two.project)
      yield* isAsSent(two.project, { "openai-project": "two" })
      yield* isAsSent(one.project, { "openai-project": "one" })
      // a name that the file does not know is the engine's own project
      yield* isAsSent(two.project, { "openai-project": "three" })
      // what is made for one is not seen by the other
      const made = yield* send("POST", "/evals", definition(), { "openai-project": "one" })
      const path = `/evals/${String(at(made.json, "id"))}`
      assert.strictEqual((yield* send("GET", path, undefined, { "openai-project": "one" })).status, 200)
      assert.strictEqual((yield* send("GET", path)).status, 404)
      yield* isAsSent(two.project)
    }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename, project: "two" })))
    const unnamed = yield* Effect.flip(Effect.provide(send("GET", "/evals"), EvalsEngine.layerSqlite({ filename })))
    assert.strictEqual(
      unnamed.message,
      'The database holds several projects (one, two): name the one to serve, as option "project" or --project.'
    )
    const found = yield* fill(filename, verify(), true)
    assert.deepStrictEqual([found.wrong, found.missing, found.projects], [[], [], ["one", "two"]])
  })
)

const evalText =
  '{"id":"eval_old", "object":"eval","name":"old","created_at":1,"metadata":{},"data_source_config":{"type":"custom","schema":' +
  '{"type":"object","properties":{"item":{"type":"object","required":["label"]}},"required":["item"]}},"testing_criteria":' +
  '[{"type":"string_check","id":"label-1","grdr_id":null,"inactive_at":null,"name":"label","operation":"eq",' +
  '"input":"{{ sample.output_text }}","reference":"{{item.label}}"}],"unknown":1.00}'

const rowsOf = (...passes: ReadonlyArray<boolean>) => passes.map((each) => `${JSON.stringify(row(each))}\n`)

/** An archive with an eval whose criteria can be executed, two runs of it, and a file of rows in two pieces. */
const oldProject = Effect.gen(function* () {
  const filename = yield* file
  yield* fill(
    filename,
    Effect.gen(function* () {
      yield* store("default", [
        evaluation("eval_old", evalText),
        runOf("evalrun_done", 1),
        runOf("evalrun_going", 0, "in_progress"),
        item("evalrun_done", 0, '"n":1.10'),
        evaluation("eval_1"),
        evaluation("eval_bare", '{"id":"eval_bare"}')
      ])
      yield* storeFile("default", "file-old", "rows.jsonl", [rowsOf(true, false, true).join("")])
    })
  )
  return filename
})

/** Everything of an archive but what an engine made in it. */
const ofTheHost = (filename: string) =>
  everything(filename).filter(
    (line) =>
      !line.startsWith("projects ") && !line.includes('["origin","engine"]') && !line.includes('["origin","rows"]')
  )

it.effect("an archived eval can have new runs, over rows and archived files, listed with the old ones", () =>
  Effect.gen(function* () {
    const filename = yield* oldProject
    const before = ofTheHost(filename)
    yield* Effect.gen(function* () {
      const executed = (body: unknown, evalId = "eval_old") =>
        Effect.gen(function* () {
          const made = yield* send("POST", `/evals/${evalId}/runs`, body)
          assert.strictEqual(made.status, 201, JSON.stringify(made.json))
          const path = `/evals/${evalId}/runs/${String(at(made.json, "id"))}`
          // ends with the run
          yield* send("GET", `${path}/events`)
          return { path, run: (yield* send("GET", path)).json }
        })
      const inline = yield* executed(over([row(true), row(false)]))
      assert.deepStrictEqual(at(inline.run, "result_counts"), { total: 2, errored: 0, failed: 1, passed: 1 })
      const fromFile = yield* executed({ data_source: { type: "jsonl", source: { type: "file_id", id: "file-old" } } })
      assert.deepStrictEqual(at(fromFile.run, "result_counts"), { total: 3, errored: 0, failed: 1, passed: 2 })
      assert.deepStrictEqual(at(fromFile.run, "per_testing_criteria_results"), [
        { testing_criteria: "label-1", testing_criteria_id: "label-1", passed: 2, failed: 1 }
      ])
      const items = yield* send("GET", `${fromFile.path}/output_items`)
      assert.deepStrictEqual(
        [at(items.json, "data")].flat().map((one) => at(one, "status")),
        ["pass", "fail", "pass"]
      )
      const wrong = yield* send("POST", "/evals/eval_old/runs", over([{ item: {} }]))
      assert.strictEqual(at(wrong.json, "error", "message"), "data_source.source.content[0].item.label: is missing")
      // no criteria are known of this one, so all that is asked of a row is met
      const bare = yield* executed(over([row(true), { item: {} }]), "eval_bare")
      assert.deepStrictEqual(at(bare.run, "result_counts"), { total: 2, errored: 0, failed: 0, passed: 2 })
      const listed = yield* send("GET", "/evals/eval_old/runs")
      assert.deepStrictEqual(
        [at(listed.json, "data")].flat().map((one) => at(one, "id")),
        [at(inline.run, "id"), at(fromFile.run, "id")]
      )
      const removed = yield* send("DELETE", inline.path)
      assert.strictEqual(removed.status, 200)
      assert.strictEqual((yield* send("GET", inline.path)).status, 404)
    }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
    assert.deepStrictEqual(
      ofTheHost(filename).filter((line) => !line.startsWith("file_pieces ") || line.includes("file-old")),
      before
    )
    const found = yield* fill(filename, verify(), true)
    assert.deepStrictEqual([found.wrong, found.missing, found.failed], [[], [], []])
    assert.deepStrictEqual(found.unfinishedRuns, ["evalrun_going"])
  })
)

it.effect("archived objects cannot be changed, canceled or deleted", () =>
  Effect.gen(function* () {
    const filename = yield* oldProject
    const before = everything(filename)
    yield* Effect.gen(function* () {
      const runs = "/evals/eval_1/runs"
      for (const [method, path, id] of [
        ["POST", "/evals/eval_1", "eval_1"],
        ["DELETE", "/evals/eval_1", "eval_1"],
        ["DELETE", `${runs}/evalrun_done`, "evalrun_done"],
        ["POST", `${runs}/evalrun_going/cancel`, "evalrun_going"],
        ["POST", `${runs}/evalrun_going`, "evalrun_going"],
        ["DELETE", "/files/file-old", "file-old"]
      ] as const) {
        const refused = yield* send(method, path, method === "POST" ? { name: "new" } : undefined)
        assert.strictEqual(refused.status, 403, path)
        assert.deepStrictEqual(at(refused.json, "error"), {
          message:
            `${id} belongs to an archive, which is served as the host sent it and is not changed. ` +
            "What is made here, new runs of an archived eval included, can be changed and deleted.",
          type: "permission_error",
          param: null,
          code: "permission_denied"
        })
      }
      const retried = yield* send("POST", `${runs}/evalrun_done/retry`)
      assert.strictEqual(retried.status, 409)
      assert.strictEqual(at(retried.json, "error", "code"), "run_archived")
      // one that has ended is given back as it is, as everywhere
      const done = yield* send("POST", `${runs}/evalrun_done/cancel`)
      assert.deepStrictEqual(
        [done.status, done.json],
        [200, { id: "evalrun_done", status: "completed", result_counts: { total: 1 } }]
      )
      // one that had not ended when it was read is told once, and nobody waits for it
      const events = yield* send("GET", `${runs}/evalrun_going/events`)
      assert.strictEqual(
        String(events.json),
        'event: run\ndata: {"id":"evalrun_going","status":"in_progress","result_counts":{"total":0}}\n\n'
      )
    }).pipe(Effect.provide(EvalsEngine.layerSqlite({ filename })))
    assert.deepStrictEqual(everything(filename), before)
  })
)
