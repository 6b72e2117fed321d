/**
 * Every answer that the suites get, against the OpenAPI document: those of openai-node from the engine, and those of
 * our client from the engine and from a host as it is documented.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { makeFetch, socket } from "../conformance/engine/lib/backend.ts"
import { suite as openai } from "../conformance/engine/lib/suite.ts"
import { inProcess, overSocket, scriptedHost } from "../suite/lib/backends.ts"
import { suite as client } from "../suite/lib/suite.ts"
import { WireBuilder } from "effect-evals/testing"
import { readOpenApi } from "./folder.ts"
import * as Differences from "./lib/differences.ts"
import * as Recorder from "./lib/recorder.ts"

const engine = Recorder.make()
const host = Recorder.make()

openai("openai-node over a socket", socket(engine.fetch))
openai("openai-node through makeFetch", makeFetch(engine.fetch))
client("our client, the engine in this process", inProcess(engine.client))
client("our client, the engine over a socket", overSocket(engine.client))
client("our client, a host as it is documented", scriptedHost(host.client))

/** A difference that is on purpose, and why. One that no longer occurs fails the test. */
type Known = readonly [difference: RegExp, reason: string]

/** Where real answers of the hosted service differ from its own document, and ours with them. */
const real: Readonly<Record<string, Known>> = {
  "run.error": [/^\w+Runs? \d+ (?:data\[\]\.)?error: must be object$/, "null on healthy runs"],
  "run.per_model_usage": [/\bper_model_usage: must be array$/, "null until there are results"],
  "run.per_testing_criteria_results": [
    /\bper_testing_criteria_results: must be array$/,
    "null until there are results"
  ],
  "run.per_testing_criteria_results[].testing_criteria_id": [
    /\bper_testing_criteria_results\[\]\.testing_criteria_id: is not named$/,
    "the same as testing_criteria, since November 2025"
  ],
  "run.shared_with_openai": [/\bshared_with_openai: is not named$/, "false"],
  "eval.testing_criteria[].id": [/\btesting_criteria\[\]\.id: is not named$/, "the name that results go by"],
  "eval.testing_criteria[].grdr_id": [/\btesting_criteria\[\]\.grdr_id: is not named$/, "null, since July 2026"],
  "eval.testing_criteria[].inactive_at": [
    /\btesting_criteria\[\]\.inactive_at: is not named$/,
    "null, since July 2026"
  ],
  "item.sample.error": [/\bsample\.error: must be object$/, "null on items that were sampled"],
  "item.sample.seed": [/\bsample\.seed: must be integer$/, "null where none was given"],
  "item.sample.max_completion_tokens": [/\bsample\.max_completion_tokens: is missing$/, "absent, or written otherwise"],
  "item.sample.max_completions_tokens": [
    /\bsample\.max_completions_tokens: is not named$/,
    "how the hosted service writes it"
  ],
  "file.purpose": [/Files? 200 (?:data\[\]\.)?purpose: must be equal to one of/, "evals is one as well"],
  "file.expires_at": [/Files? 200 (?:data\[\]\.)?expires_at: must be integer$/, "null on files that stay"],
  "file.status_details": [/Files? 200 (?:data\[\]\.)?status_details: must be string$/, "null on files that were read"],
  "file content": [/^downloadFile 200 is application\/octet-stream$/, "the bytes themselves"],
  "multi.graders": [
    /^validateGrader 200 grader(?:\.graders)?(?:: must match exactly one schema in oneOf|\.\w+: is not named)$/,
    "a map of graders, as the guide has it; the document has one grader there"
  ],
  "grader run, metadata.errors": [
    /^runGrader 200 metadata\.errors\.(?:invalid_variable_error_details|model_grader_exceeded_max_tokens_error): is not named$/,
    "recorded answers have them"
  ],
  "path of cancel": [
    /^cancelEvalRun \d+ stands at …\/cancel$/,
    "the document's own example and all newer clients ask there; both are answered"
  ],
  "errors, their envelope": [
    /^(?:deleteEval 404|deleteEvalRun 404|createEvalRun 400) (?:code|message|param|type): is missing$/,
    "{ error }, as all clients read it; the document shows what is in it"
  ],
  "errors, their statuses": [
    /^\w+ (?:400|401|403|404|409|413) the document has no such status$/,
    "the document names few; clients have a class for each"
  ]
}

/** What the record does not show. */
const own: Readonly<Record<string, Known>> = {
  "page.first_id, page.last_id": [
    /^(?:listEvals|listFiles|getEvalRuns|getEvalRunOutputItems) 200 (?:first|last)_id: must be string$/,
    "null on a page without objects, which has no first"
  ],
  "run.evals_rows": [
    /^(?:createEvalRun|getEvalRun|getEvalRuns|cancelEvalRun) 20[01] (?:data\[\]\.)?evals_rows: is not named$/,
    "how many rows a run has, and how many of them were not judged"
  ],
  "events of a run": [/^getEvalRun \d+ stands at …\/events$/, "the engine tells the changes of a run by itself"],
  "another API": [/^GET \/models is no path of the document$/, "asked for, to be refused"]
}

const known = { ...real, ...own }

const comparedWith = Differences.make(readOpenApi())

const operationIds = Object.values(readOpenApi().paths).flatMap((methods) =>
  Object.values(methods).map(({ operationId }) => operationId)
)

const get = (path: string, body: object) =>
  comparedWith({ method: "GET", path, status: 200, contentType: "application/json", body: JSON.stringify(body) })

describe("what differs", () => {
  it("is each place of another type, that is missing, or that the document does not name", () => {
    const run = WireBuilder.run({ error: { code: "internal_error", message: "" }, per_model_usage: [] })
    const usage = { model_name: "gpt-4.1", invocation_count: 1.5, note: "" }
    assert.deepStrictEqual(get("/evals/eval_1/runs/evalrun_1", { ...run, per_model_usage: [usage], status: null }), {
      operation: "getEvalRun",
      differences: [
        "getEvalRun 200 status: must be string",
        "getEvalRun 200 per_model_usage[].prompt_tokens: is missing",
        "getEvalRun 200 per_model_usage[].completion_tokens: is missing",
        "getEvalRun 200 per_model_usage[].total_tokens: is missing",
        "getEvalRun 200 per_model_usage[].cached_tokens: is missing",
        "getEvalRun 200 per_model_usage[].invocation_count: must be integer",
        "getEvalRun 200 per_testing_criteria_results: must be array",
        "getEvalRun 200 per_model_usage[].note: is not named"
      ]
    })
  })

  it("is looked for in each object of a list, and in each event", () => {
    const page = { object: "list", ...WireBuilder.page([WireBuilder.evaluation({ name: null })]) }
    assert.deepStrictEqual(get("/evals", page).differences, [
      "listEvals 200 data[].name: must be string",
      "listEvals 200 data[].testing_criteria[].id: is not named"
    ])
    const told = `event: run\ndata: ${JSON.stringify({ ...WireBuilder.run(), name: 1 })}\n\n:\n\nevent: run\ndata: {"cut o`
    assert.include(
      comparedWith({
        method: "GET",
        path: "/evals/eval_1/runs/evalrun_1/events",
        status: 200,
        contentType: "text/event-stream",
        body: told
      }).differences,
      "getEvalRun 200 name: must be string"
    )
  })

  it("is looked for in errors: they are envelopes, of a status that the document has", () => {
    const body = JSON.stringify({ error: { message: "no such run" } })
    assert.deepStrictEqual(
      comparedWith({
        method: "DELETE",
        path: "/evals/eval_1/runs/evalrun_1",
        status: 418,
        contentType: "application/json",
        body
      }).differences,
      [
        "deleteEvalRun 418 the document has no such status",
        "deleteEvalRun 418 as an error: error.type: is missing",
        "deleteEvalRun 418 as an error: error.param: is missing",
        "deleteEvalRun 418 as an error: error.code: is missing"
      ]
    )
  })
})

describe("answers", () => {
  for (const [name, recorder] of Object.entries({ engine, host })) {
    it.effect(`come from every operation of the document (${name})`, () =>
      Effect.map(recorder.answers, (answers) => {
        const successes = answers.filter(({ status }) => status < 300)
        const answered = new Set(successes.map((answer) => comparedWith(answer).operation))
        assert.deepStrictEqual(
          operationIds.filter((id) => !answered.has(id)),
          []
        )
      })
    )
  }

  it.effect("are what the document says, but for what is known", () =>
    Effect.gen(function* () {
      const answers = [...(yield* engine.answers), ...(yield* host.answers)]
      const found = [...new Set(answers.flatMap((answer) => comparedWith(answer).differences))]
      assert.deepStrictEqual(
        found.filter((difference) => !Object.values(known).some(([expected]) => expected.test(difference))),
        []
      )
      const outdated = Object.entries(known).filter(([, [expected]]) => !found.some((line) => expected.test(line)))
      assert.deepStrictEqual(
        outdated.map(([name]) => name),
        []
      )
    })
  )
})
