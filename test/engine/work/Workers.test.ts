import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { ChildProcess, execFile } from "node:child_process"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { once } from "node:events"
import type { Judged } from "../../../src/engine/work/rowGrading.ts"
import * as Workers from "../../../src/engine/work/Workers.ts"

const call = <A, E>(f: (workers: Workers.Service) => Effect.Effect<A, E>) => Workers.Workers.use(f)

const validate = (schema: unknown, rows: string, firstLine = 1) =>
  call((workers) =>
    workers.validateRows({
      schemaText: schema === undefined ? undefined : JSON.stringify(schema),
      sampleRequired: false,
      rows,
      firstLine
    })
  )

const lines = (...rows: ReadonlyArray<unknown>) => rows.map((row) => JSON.stringify(row)).join("\n")

/** A worker that has just been started takes its time for its first schema. */
const compileMillis = 20_000

const hostile = { properties: { a: { type: "string", pattern: "^(a+)+$" } } }
const hostileRow = `{"item":{"a":"${"a".repeat(40)}!"}}`

/** Each level has the one below twice: it takes for ever to compile. */
const bottomless = {
  $ref: "#/$defs/a0",
  $defs: Object.fromEntries(
    Array.from({ length: 41 }, (_, i) => [
      `a${i}`,
      i === 40 ? {} : { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }
    ])
  )
}

/** A row that takes more memory than a worker with 32 MiB has. */
const bomb = `{"item":{"a":[${"{},".repeat(600_000)}{}]}}`

const is = (name: string, reference: string) => ({
  id: `${name}-1`,
  grader: { type: "string_check", name, input: "{{ item.a }}", reference, operation: "eq" }
})
const criteria = JSON.stringify([is("x", "x"), is("y", "y")])

const textOf = (judged: Judged | undefined) =>
  judged === undefined || judged.status === "asking" ? "" : new TextDecoder().decode(judged.tail)

const brief = (graded: ReadonlyArray<Judged>) =>
  graded.map((judged) => (judged.status === "asking" ? [judged.status] : [judged.status, ...judged.passed]))

/** What Node's channel of the name `child_process` says of each new process. */
const isStarted = (message: unknown): message is { readonly process: ChildProcess } =>
  typeof message === "object" && message !== null && "process" in message && message.process instanceof ChildProcess

/** The processes that are started from now on, until the scope ends. */
const forked = Effect.gen(function* () {
  const children: Array<ChildProcess> = []
  const started = (message: unknown) => {
    if (isStarted(message)) children.push(message.process)
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => subscribe("child_process", started)),
    () => Effect.sync(() => unsubscribe("child_process", started))
  )
  return children
})

/** Waits until each of some processes has said that it is ready: it is sent its first request then. */
const readied = (children: ReadonlyArray<ChildProcess>) =>
  Effect.promise(() => Promise.all(children.map((child) => once(child, "message"))))

const similar = JSON.stringify([
  {
    id: "close-1",
    grader: {
      type: "text_similarity",
      name: "close",
      input: "{{ item.a }}",
      reference: "{{ item.b }}",
      evaluation_metric: "fuzzy_match",
      pass_threshold: 1
    }
  }
])

/** A text that takes seconds to compare with another. */
const long = (from: number) =>
  Array.from({ length: 400_000 }, (_, i) => String.fromCharCode(from + ((i * i) % 5003))).join("")

// with no time for a second row, every call is cut into its rows
layer(Workers.layer({ size: 1, sliceMillis: 0, compileMillis }))("workers that serve one row at a time", (it) => {
  it.effect("take an item schema, and say what is wrong with one that is none", () =>
    Effect.gen(function* () {
      yield* call((workers) => workers.checkSchema('{"type":"object"}'))
      const error = yield* Effect.flip(
        call((workers) => workers.checkSchema('{"properties":{"price":{"type":"money"}}}'))
      )
      assert.strictEqual(error._tag, "InvalidItemSchema")
      assert.deepInclude(error, {
        path: "item_schema.properties.price.type",
        message:
          "item_schema.properties.price.type: " +
          'expected "array", "boolean", "integer", "null", "number", "object", "string" or a list, got "money"'
      })
      const again = yield* Effect.flip(validate({ required: "a" }, '{"item":{}}'))
      assert.strictEqual(again._tag, "InvalidItemSchema")
    })
  )

  it.effect("count valid rows, and name their models and the keys that nothing reads", () =>
    Effect.gen(function* () {
      const rows = lines(
        { item: { a: 1 }, sample: { model: "m" } },
        { item: { a: 2 }, sample: { model: "m" }, id: 3 },
        { item: { a: 3 }, sample: { model: "m" }, note: "" }
      )
      assert.deepStrictEqual(yield* validate({ required: ["a"] }, `\n${rows}\n\n`), {
        rows: 3,
        models: ["m"],
        unknownKeys: ["id", "note"],
        unread: undefined
      })
      const none = { rows: 0, models: [], unknownKeys: [], unread: undefined }
      assert.deepStrictEqual(yield* validate(undefined, ""), none)
    })
  )

  it.effect("name the first row that is not valid", () =>
    Effect.gen(function* () {
      const rows = `${lines({ item: { a: 1 } }, { item: { a: 2 } })}\n\n${lines({ item: { a: "x" } })}\n{`
      const error = yield* Effect.flip(validate({ properties: { a: { type: "number" } } }, rows, 11))
      assert.strictEqual(error._tag, "InvalidRow")
      assert.deepInclude(error, { index: 2, line: 14, path: "item.a", message: 'expected a number, got "x"' })
    })
  )

  it.effect("judge every row, in their order", () =>
    Effect.gen(function* () {
      const rows = `\n${lines({ item: { a: "x" } }, { item: { a: "y" } })}\n\n${lines({ item: {} })}\n`
      const { graded } = yield* call((workers) => workers.grade(criteria, rows))
      assert.deepStrictEqual(brief(graded), [
        ["fail", true, false],
        ["fail", false, true],
        ["fail", false, false]
      ])
      assert.match(textOf(graded[0]), /^"datasource_item":\{"a":"x"\},"results":\[\{"name":"x-1","passed":true,/)
      const { graded: without } = yield* call((workers) => workers.grade("[]", rows))
      assert.deepStrictEqual(brief(without), [["pass"], ["pass"], ["pass"]])
      assert.deepStrictEqual(yield* call((workers) => workers.grade(criteria, "")), {
        graded: [],
        usage: [],
        usages: []
      })
    })
  )

  it.effect("run single graders, and look at them", () =>
    Effect.gen(function* () {
      const grader = {
        type: "string_check",
        name: "is",
        input: "{{ sample.output_text }}",
        reference: "{{ item.a }}",
        operation: "eq"
      } as const
      const response = yield* call((workers) => workers.runGrader({ grader, model_sample: "x", item: { a: "x" } }))
      assert.deepInclude(response, { reward: 1 })
      assert.deepStrictEqual(yield* call((workers) => workers.validateGrader(grader)), [])
      const python = { type: "python", name: "p", source: "" } as const
      const error = yield* Effect.flip(call((workers) => workers.runGrader({ grader: python, model_sample: "x" })))
      assert.strictEqual(error._tag, "UnusableGrader")
      const problems = yield* call((workers) => workers.validateGrader(python))
      assert.strictEqual(error.message, `grader: ${problems[0]?.message ?? ""}`)
    })
  )

  it.effect("take turns with other calls", () =>
    Effect.gen(function* () {
      const rows = lines(...Array.from({ length: 200 }, () => ({ item: { a: "x" } })))
      const ended: Array<number> = []
      const judged = (text: string) =>
        Effect.map(
          call((workers) => workers.grade(criteria, text)),
          ({ graded }) => ended.push(graded.length)
        )
      const many = yield* Effect.forkChild(judged(rows), { startImmediately: true })
      yield* judged('{"item":{}}')
      yield* Fiber.join(many)
      assert.deepStrictEqual(ended, [1, 200])
    })
  )
})

const small = validate({ type: "object" }, '{"item":{}}')

/** Both workers of a pool are started, and idle. */
const both = Effect.all([small, small], { concurrency: 2 })

layer(Workers.layer({ size: 2, compileMillis, validateMillis: 600_000 }))("workers that have time", (it) => {
  it.effect("do not let a hostile row hold up others", () =>
    Effect.gen(function* () {
      yield* both
      const stuck = yield* Effect.forkChild(validate(hostile, hostileRow), { startImmediately: true })
      yield* small
      yield* small
      assert.isUndefined(stuck.pollUnsafe())
    })
  )
})

layer(Workers.layer({ size: 2, compileMillis: 3000, validateMillis: 1500, gradeMillis: 1500 }))(
  "workers with limits of time",
  (it) => {
    it.effect("give up on a hostile row, and are replaced", () =>
      Effect.gen(function* () {
        yield* both
        const error = yield* Effect.flip(validate(hostile, `{"item":{"a":"aaa"}}\n${hostileRow}`, 7))
        assert.strictEqual(error._tag, "WorkTimedOut")
        assert.strictEqual(error._tag === "WorkTimedOut" ? error.line : 0, 8)
        assert.match(error.message, /^takes longer than 1.5 s to be checked against the item schema; /)
        yield* both
      })
    )

    it.effect("give up on a schema, and go on with others", () =>
      Effect.gen(function* () {
        const errors = yield* Effect.all(
          [
            Effect.flip(call((workers) => workers.checkSchema(JSON.stringify(bottomless)))),
            Effect.flip(validate(bottomless, '{"item":{}}'))
          ],
          { concurrency: 2 }
        )
        for (const error of errors) {
          assert.strictEqual(error._tag, "WorkTimedOut")
          assert.strictEqual(error.message, "compiling the item schema took longer than 3 s")
        }
        yield* call((workers) => workers.checkSchema("{}"))
      })
    )

    it.effect("error the row that takes too long to judge, and no other", () =>
      Effect.gen(function* () {
        const same = { item: { a: "x", b: "x" } }
        const rows = lines(same, { item: { a: long(0x4e00), b: long(0x5000) } }, same)
        const { graded } = yield* call((workers) => workers.grade(similar, rows))
        assert.deepStrictEqual(brief(graded), [
          ["pass", true],
          ["error", false],
          ["pass", true]
        ])
        assert.include(textOf(graded[1]), '"code":"grader_timeout"')
      })
    )
  }
)

layer(Workers.layer({ size: 1, memoryMiB: 32, compileMillis }))("workers with little memory", (it) => {
  it.effect("end with a row that fills it, and others take their place", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(validate(undefined, bomb))
      assert.strictEqual(error._tag, "WorkerDied")
      assert.match(
        error.message,
        /^a worker ended \(.+\) while checking rows; most likely its memory of 32 MiB was not enough$/
      )
      assert.strictEqual((yield* validate(undefined, '{"item":{}}')).rows, 1)
    })
  )

  it.effect(
    "error that row, and no other",
    () =>
      Effect.gen(function* () {
        const good = '{"item":{"a":"x"}}'
        const { graded } = yield* call((workers) => workers.grade(criteria, [good, good, bomb, good, ""].join("\n")))
        assert.deepStrictEqual(brief(graded), [
          ["fail", true, false],
          ["fail", true, false],
          ["error", false, false],
          ["fail", true, false]
        ])
        assert.match(
          textOf(graded[2]),
          /^"datasource_item":\{\},"results":\[\{"name":"x-1","passed":false,"sample":\{"error":\{"code":"grader_crashed",/
        )
      }),
    // four processes are started, one after the other
    60_000
  )
})

layer(Workers.layer({ size: 1, memoryMiB: 1 }))("workers that cannot be started", (it) => {
  it.effect("fail each call, and error no row for it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(call((workers) => workers.grade(criteria, '{"item":{}}')))
      assert.deepInclude(error, { _tag: "WorkerDied", started: false })
      assert.match(error.message, /^no worker can be started: \/.+\/src\/engine\/work\/worker\.ts \(.+\)$/)
    })
  )
})

describe("a pool", () => {
  it.effect("serves thousands of rows in one call", () =>
    Effect.gen(function* () {
      const count = 10_000
      const rows = lines(...Array.from({ length: count }, (_, n) => ({ item: { q: `what is ${n}?`, n, a: "x" } })))
      const schema = {
        properties: { q: { type: "string" }, n: { type: "integer" } },
        additionalProperties: { enum: ["x"] }
      }
      const valid = yield* validate(schema, rows)
      assert.strictEqual(valid.rows, count)
      const { graded } = yield* call((workers) => workers.grade(criteria, rows))
      assert.strictEqual(graded.length, count)
      assert.deepStrictEqual(new Set(brief(graded).map(String)), new Set(["fail,true,false"]))
    }).pipe(Effect.provide(Workers.layer({ size: 1, compileMillis })))
  )

  it.effect("works on requests in their order, lets one be taken back, and drops answers that nobody waits for", () =>
    Effect.gen(function* () {
      const children = yield* forked
      const order: Array<string> = []
      const start = (name: string) =>
        Effect.forkChild(
          Effect.tap(validate({}, '{"item":{}}'), () => Effect.sync(() => order.push(name))),
          { startImmediately: true }
        )
      const stuck = yield* Effect.forkChild(validate(hostile, hostileRow), { startImmediately: true })
      const one = yield* start("one")
      const two = yield* start("two")
      const three = yield* start("three")
      yield* Fiber.interrupt(two)
      yield* readied(children)
      yield* Fiber.interrupt(stuck)
      assert.deepStrictEqual(order, [])
      yield* Fiber.join(three)
      yield* Fiber.join(one)
      assert.deepStrictEqual(order, ["one", "three"])
      // the one that was stuck is replaced
      assert.strictEqual(children.length, 2)
    }).pipe(Effect.scoped, Effect.provide(Workers.layer({ size: 1, compileMillis, validateMillis: 2000 })))
  )

  it.effect("ends with its scope, and so does whoever waits", () =>
    Effect.gen(function* () {
      const children = yield* forked
      const fibers = yield* Effect.gen(function* () {
        const workers = yield* Workers.Workers
        const rows = { schemaText: JSON.stringify(hostile), sampleRequired: false, rows: hostileRow }
        const waiting = yield* Effect.forEach([1, 2, 3], () =>
          Effect.forkDetach(workers.validateRows(rows), { startImmediately: true })
        )
        yield* readied(children)
        assert.deepStrictEqual(
          children.map(({ signalCode }) => signalCode),
          [null, null]
        )
        return waiting
      }).pipe(Effect.provide(Workers.layer({ size: 2, compileMillis, validateMillis: 600_000 })))
      assert.deepStrictEqual(
        children.map(({ signalCode }) => signalCode),
        ["SIGKILL", "SIGKILL"]
      )
      for (const fiber of fibers) assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    }).pipe(Effect.scoped)
  )

  it("does not keep a process from ending that forgets it", async () => {
    const program = `
      const { Effect, Layer, Scope } = await import("effect")
      const Workers = await import(${JSON.stringify(new URL("../../../src/engine/work/Workers.ts", import.meta.url).href)})
      const context = await Effect.runPromise(Layer.buildWithScope(Workers.layer(), Scope.makeUnsafe()))
      const { rows } = await Effect.runPromise(Effect.provide(
        Workers.Workers.use((workers) => workers.validateRows({ sampleRequired: false, rows: '{"item":{}}' })),
        context
      ))
      console.log(rows)`
    const output = await new Promise<string>((resolve, reject) => {
      execFile(
        process.execPath,
        ["--input-type=module", "--eval", program],
        { cwd: new URL("../../..", import.meta.url), timeout: 25_000 },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error))
      )
    })
    assert.strictEqual(output, "1\n")
  })
})
