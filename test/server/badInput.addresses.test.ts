/** Lists, ids, paths and headers that are refused: the answer names what is wrong. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { EvalsTest } from "effect-evals/testing/engine"
import { at, definition, over, row, send } from "../behaviour/lib/engine.ts"
import { type Wanted, type Case, answers, idOf, there } from "./lib/badRequests.ts"

layer(EvalsTest.layer)("a refused request", (it) => {
  it.effect("a wrong parameter of a list is named", () =>
    Effect.gen(function* () {
      const { evalId, fileId, runId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const items = `${runs}/${runId}/output_items`
      for (const [path, most] of [
        ["/evals", 100],
        [runs, 100],
        [items, 100],
        ["/files", 10_000]
      ] as const) {
        for (const limit of [
          "0",
          "-1",
          "+5",
          "1.5",
          "1e2",
          String(most + 1),
          "9".repeat(80),
          "ten",
          " ",
          " 1",
          "0x10"
        ]) {
          yield* answers([
            "GET",
            `${path}?limit=${encodeURIComponent(limit)}`,
            undefined,
            {
              param: "limit",
              message: `limit: expected a whole number from 1 to ${most}, got ${JSON.stringify(limit)}`
            }
          ])
        }
        for (const after of [
          "none",
          " ",
          "eval_none",
          "%00",
          "'; DROP TABLE evals; --",
          path === "/evals" ? runId : evalId
        ]) {
          yield* answers([
            "GET",
            `${path}?after=${encodeURIComponent(after)}`,
            undefined,
            {
              param: "after",
              message: `after: ${JSON.stringify(after)} is not in this list; pass the id of the last object that was seen`
            }
          ])
        }
        yield* answers([
          "GET",
          `${path}?order=up`,
          undefined,
          { param: "order", message: 'order: expected one of "asc", "desc", got "up"' }
        ])
      }
      yield* answers(
        [
          "GET",
          "/evals?order_by=name",
          undefined,
          { param: "order_by", message: 'order_by: expected one of "created_at", "updated_at", got "name"' }
        ],
        [
          "GET",
          `${runs}?status=done`,
          undefined,
          {
            param: "status",
            message: 'status: expected one of "queued", "in_progress", "completed", "canceled", "failed", got "done"'
          }
        ],
        [
          "GET",
          `${items}?status=error`,
          undefined,
          { param: "status", message: 'status: expected one of "pass", "fail", "failed", got "error"' }
        ],
        // an object of the kind, of another list
        ["GET", `${items}?after=${fileId}`, undefined, { param: "after", message: /is not in this list/ }]
      )
    })
  )

  it.effect("an object that does not exist is named by its id", () =>
    Effect.gen(function* () {
      const { evalId, fileId, runId } = yield* there
      const runs = `/evals/${evalId}/runs`
      const missing = (message: string): Wanted => ({ status: 404, param: null, code: "not_found", message })
      const noEval = missing('There is no eval "eval_none".')
      const noRun = missing(`There is no run "evalrun_none" of eval ${evalId}.`)
      const noFile = missing('There is no file "file-none".')
      const other = yield* Effect.map(send("POST", "/evals", definition()), idOf)
      yield* answers(
        ["GET", "/evals/eval_none", undefined, noEval],
        ["POST", "/evals/eval_none", { name: "n" }, noEval],
        ["DELETE", "/evals/eval_none", undefined, noEval],
        ["GET", "/evals/eval_none/runs", undefined, noEval],
        ["POST", "/evals/eval_none/runs", over([row(true)]), noEval],
        ["GET", `/evals/eval_none/runs/${runId}`, undefined, noEval],
        ["GET", `/evals/eval_none/runs/${runId}/output_items`, undefined, noEval],
        ["GET", `${runs}/evalrun_none`, undefined, noRun],
        ["DELETE", `${runs}/evalrun_none`, undefined, noRun],
        ["POST", `${runs}/evalrun_none`, undefined, noRun],
        ["POST", `${runs}/evalrun_none/cancel`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/events`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/output_items`, undefined, noRun],
        ["GET", `${runs}/evalrun_none/output_items/x`, undefined, noRun],
        // a run of another eval
        ["GET", `/evals/${other}/runs/${runId}`, undefined, missing(`There is no run "${runId}" of eval ${other}.`)],
        [
          "GET",
          `${runs}/${runId}/output_items/outputitem_none`,
          undefined,
          missing(`There is no output item "outputitem_none" of run ${runId}.`)
        ],
        ["GET", "/files/file-none", undefined, noFile],
        ["GET", "/files/file-none/content", undefined, noFile],
        ["DELETE", "/files/file-none", undefined, noFile],
        [
          "GET",
          `/evals/${fileId}`,
          undefined,
          missing(`There is no eval "${fileId}". This is the id of a file: were two ids swapped?`)
        ],
        [
          "GET",
          `/files/${runId}`,
          undefined,
          missing(`There is no file "${runId}". This is the id of a run: were two ids swapped?`)
        ],
        ["GET", `/evals/${"x".repeat(10_000)}`, undefined, missing(`There is no eval "${"x".repeat(200)}".`)],
        ["GET", "/evals/%00%1F", undefined, missing('There is no eval "\\u0000\\u001f".')],
        ["GET", "/evals/a%2F..%2Fb", undefined, missing('There is no eval "a/../b".')],
        ["GET", `/evals/${encodeURIComponent('東京🚀"')}`, undefined, missing('There is no eval "東京🚀\\"".')],
        ["GET", "/evals/' OR 1=1 --", undefined, missing('There is no eval "\' OR 1=1 --".')],
        ["GET", "/evals/__proto__", undefined, missing('There is no eval "__proto__".')]
      )
    })
  )

  it.effect("an unknown path is named", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const none = (method: string, path: string): Case => [
        method,
        path,
        undefined,
        { status: 404, param: null, code: "unknown_url", message: `There is no ${method} /v1${path} here.` }
      ]
      yield* answers(
        none("GET", "/eval"),
        none("PUT", `/evals/${evalId}`),
        none("PATCH", "/evals"),
        none("DELETE", "/evals"),
        none("POST", `/evals/${evalId}/runs/x/output_items`),
        none("GET", "/evals/%ZZ"),
        none("GET", "/evals/%E0%A4%A"),
        none("GET", "/fine_tuning/alpha/graders/run")
      )
    })
  )

  it.effect("a wrong Idempotency-Key is refused", () =>
    answers(
      ...["", "k".repeat(256)].map((key): Case => [
        "POST",
        "/evals",
        definition(),
        {
          param: "Idempotency-Key",
          message: `Idempotency-Key: expected 1 to 255 characters, got ${key.length}`
        },
        { "idempotency-key": key }
      ])
    )
  )

  it.effect("keys such as __proto__ are keys like others", () =>
    Effect.gen(function* () {
      const { evalId } = yield* there
      const text = JSON.stringify(definition()).slice(1)
      yield* answers(
        [
          "POST",
          "/evals",
          `{"metadata":{"__proto__":1},${text}`,
          { param: "metadata.__proto__", message: "metadata.__proto__: expected string" }
        ],
        [
          "POST",
          "/evals",
          '{"__proto__":{"data_source_config":{}}}',
          { param: "data_source_config", message: /: is missing/ }
        ],
        [
          "POST",
          `/evals/${evalId}/runs`,
          '{"data_source":{"type":"jsonl","source":{"type":"file_content","content":[{"item":{"__proto__":{"price":1}}}]}}}',
          {
            param: "data_source.source.content",
            code: "invalid_row",
            message: "data_source.source.content[0].item.price: is missing"
          }
        ]
      )
      const made = yield* send(
        "POST",
        "/evals",
        `{"metadata":{"__proto__":"x","constructor":"y"},"__proto__":1,${text}`
      )
      assert.strictEqual(made.status, 201)
      assert.strictEqual(
        made.headers.get("warning"),
        '299 effect-evals "ignored keys that the API does not name: __proto__"'
      )
      const stored = yield* send("GET", `/evals/${idOf(made)}`)
      assert.strictEqual(JSON.stringify(at(stored.json, "metadata")), '{"__proto__":"x","constructor":"y"}')
      assert.isFalse(Object.hasOwn(Object(stored.json), "__proto__"))
    })
  )

  it.effect("50,000 unknown keys are found quickly", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 50_000 }, (_, index) => `"k${index}":0`).join()
      const text = JSON.stringify(definition()).slice(1)
      const made = yield* send("POST", "/evals", `{${many},${text}`)
      assert.strictEqual(made.status, 201)
      assert.strictEqual(
        made.headers.get("warning"),
        `299 effect-evals "ignored keys that the API does not name: ${Array.from({ length: 10 }, (_, index) => `k${index}`).join(", ")} and 49990 more"`
      )
      assert.deepStrictEqual(Object.keys(Object(made.json)).length, 7)
    })
  )
})
