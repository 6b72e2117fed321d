/** The errors that openai-node throws, and what it repeats. */
import { assert, type Vitest } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import {
  APIError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  toFile
} from "openai"
import { all, Backend, ended, errorOf, using } from "./backend.ts"
import { jsonl, label, over, rows, tickets } from "./material.ts"

/** An error of the API, by what openai-node shows of it. */
const said = (error: unknown) => {
  assert.instanceOf(error, APIError)
  assert.match(error.requestID ?? "", /^req_[0-9a-f]{32}$/)
  return { status: error.status, code: error.code, param: error.param, type: error.type }
}

/** A `fetch` that counts, and what it has counted. */
const counting = (fetch: typeof globalThis.fetch) => {
  const counted = { requests: 0 }
  const counts: typeof fetch = (input, init) => {
    counted.requests++
    return fetch(input, init)
  }
  return { counted, fetch: counts }
}

/** A `fetch` that has the first request carried out, and loses its answer. */
const losing = (fetch: typeof globalThis.fetch): typeof globalThis.fetch => {
  let lost = false
  return async (input, init) => {
    const response = await fetch(input, init)
    if (lost) return response
    lost = true
    await response.arrayBuffer()
    return new Response("the answer was lost", { status: 502, headers: { "retry-after-ms": "1" } })
  }
}

export const errors = (it: Vitest.MethodsNonLive<Backend>): void => {
  it.effect("400: a request that is wrong names the place", () =>
    using(async (client) => {
      const typed = await errorOf(
        client.evals
          .create({ ...tickets, testing_criteria: [{ ...label, name: "" }] })
          .then(() =>
            client.post("/evals", { body: { ...tickets, testing_criteria: [{ ...label, operation: "is" }] } })
          )
      )
      assert.instanceOf(typed, BadRequestError)
      assert.deepStrictEqual(said(typed), {
        status: 400,
        code: null,
        param: "testing_criteria[0].operation",
        type: "invalid_request_error"
      })
      assert.instanceOf(await errorOf(client.evals.list({ limit: 101 })), BadRequestError)
      assert.instanceOf(await errorOf(client.evals.list({ after: "eval_none" })), BadRequestError)
      assert.instanceOf(await errorOf(client.files.list({ limit: 0 })), BadRequestError)
    })
  )

  it.effect("400: a run with a bad row names it, and is not made", () =>
    using(async (client) => {
      const made = await client.evals.create(tickets)
      const inline = await errorOf(
        client.evals.runs.create(made.id, over([...rows, { item: { ticket: "a", label: "Other" } }]))
      )
      assert.instanceOf(inline, BadRequestError)
      assert.deepStrictEqual(said(inline), {
        status: 400,
        code: "invalid_row",
        param: "data_source.source.content",
        type: "invalid_request_error"
      })
      assert.match(inline.message, /^400 data_source\.source\.content\[3\]\.item\.label: /)
      const file = await client.files.create({
        file: await toFile(Buffer.from(jsonl([rows[0], { item: {} }])), "rows.jsonl"),
        purpose: "evals"
      })
      const source = { type: "file_id", id: file.id } as const
      const filed = await errorOf(client.evals.runs.create(made.id, { data_source: { type: "jsonl", source } }))
      assert.instanceOf(filed, BadRequestError)
      assert.include(filed.message, `line 2 of ${file.id} (row 1, counted from 0)`)
      const gone = { type: "file_id", id: "file-none" } as const
      const missing = await errorOf(client.evals.runs.create(made.id, { data_source: { type: "jsonl", source: gone } }))
      assert.deepStrictEqual(said(missing), {
        status: 400,
        code: "not_found",
        param: "data_source.source.id",
        type: "invalid_request_error"
      })
      assert.deepStrictEqual(await all(client.evals.runs.list(made.id)), [])
    })
  )

  it.effect("401: a server with a key asks for it", () =>
    Effect.gen(function* () {
      const { behind, openai: keyless } = yield* Backend
      const { openai } = yield* behind({ key: Redacted.make("sk-right") })
      yield* Effect.promise(async () => {
        const error = await errorOf(openai({ apiKey: "sk-wrong" }).evals.list())
        assert.instanceOf(error, AuthenticationError)
        assert.deepStrictEqual(said(error), {
          status: 401,
          code: "invalid_api_key",
          param: null,
          type: "authentication_error"
        })
        assert.deepStrictEqual(
          (await openai({ apiKey: "sk-right" }).evals.list()).data,
          (await keyless().evals.list()).data
        )
      })
    })
  )

  it.effect("403: a server that only reads takes no writes", () =>
    Effect.gen(function* () {
      const made = yield* using((client) => client.evals.create(tickets))
      const { openai } = yield* (yield* Backend).behind({ readOnly: true })
      yield* Effect.promise(async () => {
        const client = openai()
        for (const write of [
          () => client.evals.create(tickets),
          () => client.evals.update(made.id, { name: "new" }),
          () => client.evals.delete(made.id),
          () => client.evals.runs.create(made.id, over(rows)),
          async () => client.files.create({ file: await toFile(Buffer.from("{}"), "rows.jsonl"), purpose: "evals" })
        ]) {
          const error = await errorOf(write())
          assert.instanceOf(error, PermissionDeniedError)
          assert.deepStrictEqual(said(error), {
            status: 403,
            code: "read_only",
            param: null,
            type: "permission_error"
          })
        }
        assert.deepEqual(await client.evals.retrieve(made.id), made)
      })
    })
  )

  it.effect("404: there is no such object, and ids that were swapped are recognised", () =>
    using(async (client, backend) => {
      const made = await client.evals.create(tickets)
      const run = await client.evals.runs.create(made.id, over(rows))
      await ended(backend, run)
      const place = { eval_id: made.id, run_id: run.id }
      for (const request of [
        () => client.evals.retrieve("eval_none"),
        () => client.evals.update("eval_none", { name: "new" }),
        () => client.evals.runs.create("eval_none", over(rows)),
        () => client.evals.runs.list("eval_none"),
        () => client.evals.runs.retrieve("evalrun_none", { eval_id: made.id }),
        () => client.evals.runs.retrieve(run.id, { eval_id: "eval_none" }),
        () => client.evals.runs.cancel("evalrun_none", { eval_id: made.id }),
        () => client.evals.runs.delete("evalrun_none", { eval_id: made.id }),
        () => client.evals.runs.outputItems.list("evalrun_none", { eval_id: made.id }),
        () => client.evals.runs.outputItems.retrieve("outputitem_none", place),
        () => client.files.retrieve("file-none"),
        () => client.get("/models")
      ]) {
        const error = await errorOf(request())
        assert.instanceOf(error, NotFoundError)
        assert.strictEqual(said(error).type, "not_found_error")
      }
      // openai-node takes the run's id first
      const swapped = await errorOf(client.evals.runs.retrieve(made.id, { eval_id: run.id }))
      assert.instanceOf(swapped, NotFoundError)
      assert.strictEqual(
        swapped.message,
        `404 There is no eval "${run.id}". This is the id of a run: were two ids swapped?`
      )
      const other = await client.evals.create(tickets)
      const elsewhere = await errorOf(client.evals.runs.retrieve(run.id, { eval_id: other.id }))
      assert.instanceOf(elsewhere, NotFoundError)
      assert.strictEqual(elsewhere.message, `404 There is no run "${run.id}" of eval ${other.id}.`)
    })
  )

  it.effect("409: a key that was used for another request; it is not sent again", () =>
    using(async (_, backend) => {
      const { counted, fetch } = counting(backend.fetch)
      const client = backend.openai({ fetch })
      const headers = { "Idempotency-Key": "release-12" }
      const made = await client.evals.create(tickets, { headers })
      assert.deepEqual(await client.evals.create(tickets, { headers }), made)
      const error = await errorOf(client.evals.create({ ...tickets, name: "other" }, { headers }))
      assert.instanceOf(error, ConflictError)
      assert.deepStrictEqual(said(error), {
        status: 409,
        code: "idempotency_key_in_use",
        param: null,
        type: "conflict_error"
      })
      assert.include(error.message, made.id)
      assert.strictEqual(counted.requests, 3)
    })
  )

  it.effect("413: a request that is too large says what to do; it is not sent again", () =>
    Effect.gen(function* () {
      const backend = yield* Backend
      const limited = yield* backend.behind({ limits: { rows: 1000, file: 1000 } })
      yield* Effect.promise(async () => {
        const { counted, fetch } = counting(backend.fetch)
        const definition = await errorOf(
          backend.openai({ fetch }).evals.create({ ...tickets, name: "x".repeat(1024 * 1024) })
        )
        assert.deepStrictEqual(said(definition), {
          status: 413,
          code: "request_too_large",
          param: null,
          type: "invalid_request_error"
        })
        assert.strictEqual(counted.requests, 1)
        const client = limited.openai()
        const made = await client.evals.create(tickets)
        const run = await errorOf(client.evals.runs.create(made.id, over(Array.from({ length: 9 }, () => rows[0]))))
        assert.strictEqual(said(run).status, 413)
        assert.include(String(run), "Upload the rows as a file")
        const file = await errorOf(
          client.files.create({ file: await toFile(Buffer.alloc(1001, "a"), "rows.jsonl"), purpose: "evals" })
        )
        assert.deepStrictEqual(said(file), {
          status: 413,
          code: "request_too_large",
          param: "file",
          type: "invalid_request_error"
        })
        const enough = await client.files.create({
          file: await toFile(Buffer.alloc(1000, "a"), "rows.jsonl"),
          purpose: "evals"
        })
        assert.strictEqual(enough.bytes, 1000)
      })
    })
  )

  it.effect("what openai-node sends again, since the answer was lost, is made once", () =>
    using(async (client, { fetch, openai }) => {
      const before = await client.evals.create(tickets)
      const made = await openai({ fetch: losing(fetch) }).evals.create({ ...tickets, name: "sent twice" })
      assert.strictEqual(made.name, "sent twice")
      assert.deepEqual(await all(client.evals.list({ after: before.id })), [made])
      const run = await openai({ fetch: losing(fetch) }).evals.runs.create(made.id, over(rows))
      assert.deepStrictEqual(
        (await all(client.evals.runs.list(made.id))).map(({ id }) => id),
        [run.id]
      )
      const upload = { file: await toFile(Buffer.from(jsonl(rows)), "sent twice.jsonl"), purpose: "evals" } as const
      const file = await openai({ fetch: losing(fetch) }).files.create(upload)
      const files = await all(client.files.list())
      assert.deepStrictEqual(
        files.filter(({ filename }) => filename === "sent twice.jsonl").map(({ id }) => id),
        [file.id]
      )
    })
  )

  it.effect("nothing is sent again with maxRetries: 0", () =>
    using(async (_, { fetch, openai }) => {
      const { counted, fetch: counts } = counting(losing(fetch))
      const error = await errorOf(openai({ fetch: counts, maxRetries: 0 }).evals.list())
      assert.instanceOf(error, APIError)
      assert.deepStrictEqual([error.status, counted.requests], [502, 1])
    })
  )
}
