/** How numbers of a row render in templates, in runs and at the grader endpoint alike. */
import { assert, layer } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { createEval, EvalId, listOutputItems, RunId, watchRun } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { at, definition, send } from "./lib/engine.ts"

const numbers = ["1.0", "0.10", "1e22", "1E+2", "-0", "1e400", "12345678901234567890", "0.0000001", "7"]

/** Passes where the number, and the object around it, render as they stand in the row. */
const written = (number: string) => ({
  type: "string_check" as const,
  name: number,
  input: "{{ item.n }} {{ item.o }}",
  reference: `${number} {"n":${number}}`,
  operation: "eq" as const
})

const item = (number: string) => `{"n":${number}, "o":{ "n": ${number} }}`

layer(EvalsEngine.layerClient().pipe(Layer.provideMerge(EvalsEngine.layerMemory)))("numbers", (it) => {
  it.effect("keep the digits of the row, in a run", () =>
    Effect.gen(function* () {
      for (const number of numbers) {
        const { id } = yield* createEval(definition(written(number)))
        const row = `{"item":${item(number)}}`
        const body = `{"data_source":{"type":"jsonl","source":{"type":"file_content","content":[${row}]}}}`
        const made = yield* send("POST", `/evals/${id}/runs`, body)
        assert.strictEqual(made.status, 201, number)
        const runId = RunId.make(String(at(made.json, "id")))
        yield* Stream.runDrain(watchRun(EvalId.make(id), runId))
        const [judged] = yield* Stream.runCollect(listOutputItems(id, runId))
        assert.strictEqual(judged?.status, "pass", number)
      }
    })
  )

  it.effect("keep the digits of the item, at graders/run", () =>
    Effect.gen(function* () {
      for (const number of numbers) {
        const grader = JSON.stringify(written(number))
        const body = `{"grader":${grader},"item":${item(number)},"model_sample":"x"}`
        const ran = yield* send("POST", "/fine_tuning/alpha/graders/run", body)
        assert.strictEqual(ran.status, 200, `${number} ${JSON.stringify(ran.json)}`)
        assert.strictEqual(at(ran.json, "reward"), 1, number)
      }
    })
  )

  it.effect("are read from the last item of the request, and from none that is not an object", () =>
    Effect.gen(function* () {
      const run = (members: string) => {
        const grader = JSON.stringify({ ...written("1.0"), input: "{{ item.n }}", reference: "1.0" })
        return send("POST", "/fine_tuning/alpha/graders/run", `{"grader":${grader},"model_sample":"x"${members}}`)
      }
      assert.strictEqual(at((yield* run(',"item":{"n":2},"item":{"n":1.0}')).json, "reward"), 1)
      for (const members of ["", ',"item":null', ',"item":{}']) {
        const { json } = yield* run(members)
        assert.isTrue(at(json, "metadata", "errors", "invalid_variable_error"), members)
      }
      for (const members of [',"item":{"n":1.0},"item":3', ',"item":["n"]']) {
        assert.strictEqual((yield* run(members)).status, 400, members)
      }
    })
  )
})
