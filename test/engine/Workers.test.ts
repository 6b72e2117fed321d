import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { ChildProcess, execFile } from "node:child_process"
import { subscribe, unsubscribe } from "node:diagnostics_channel"
import { setTimeout as sleep } from "node:timers/promises"
import * as Workers from "../../src/engine/Workers.ts"

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

const textOf = (graded: Workers.Graded | undefined) => new TextDecoder().decode(graded?.tail)

const brief = (graded: ReadonlyArray<Workers.Graded>) => graded.map(({ passed, status }) => [status, ...passed])

/** What Node's channel of the name `child_process` says of each new process. */
const isStarted = (message: unknown): message is { readonly process: ChildProcess } =>
  typeof message === "object" && message !== null && "process" in message && message.process instanceof ChildProcess

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
layer(Workers.layer({ size: 1, sliceMillis: 0 }))("workers that serve one row at a time", (it) => {
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
        unknownKeys: ["id", "note"]
      })
      assert.deepStrictEqual(yield* validate(undefined, ""), { rows: 0, models: [], unknownKeys: [] })
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
      const graded = yield* call((workers) => workers.grade(criteria, rows))
      assert.deepStrictEqual(brief(graded), [
        ["fail", true, false],
        ["fail", false, true],
        ["fail", false, false]
      ])
      assert.match(textOf(graded[0]), /^"datasource_item":\{"a":"x"\},"results":\[\{"name":"x-1","passed":true,/)
      const without = yield* call((workers) => workers.grade("[]", rows))
      assert.deepStrictEqual(brief(without), [["pass"], ["pass"], ["pass"]])
      assert.deepStrictEqual(yield* call((workers) => workers.grade(criteria, "")), [])
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
      assert.strictEqual(response.reward, 1)
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
          ({ length }) => ended.push(length)
        )
      const many = yield* Effect.forkChild(judged(rows), { startImmediately: true })
      yield* judged('{"item":{}}')
      yield* Fiber.join(many)
      assert.deepStrictEqual(ended, [1, 200])
    })
  )
})

layer(Workers.layer({ size: 2, compileMillis: 1000, validateMillis: 700, gradeMillis: 500 }))(
  "workers with limits of time",
  (it) => {
    const both = Effect.all([validate({}, '{"item":{}}'), validate({}, '{"item":{}}')], { concurrency: 2 })

    it.effect("do not let a hostile row hold up others", () =>
      Effect.gen(function* () {
        yield* both
        const stuck = yield* Effect.forkChild(
          Effect.flip(validate(hostile, `{"item":{"a":"aaa"}}\n${hostileRow}`, 7)),
          {
            startImmediately: true
          }
        )
        yield* validate({ type: "object" }, '{"item":{}}')
        assert.isUndefined(stuck.pollUnsafe())
        const error = yield* Fiber.join(stuck)
        assert.strictEqual(error._tag, "WorkTimedOut")
        assert.strictEqual(error.message, "checking line 8 against the item schema took longer than 0.7 s")
        // the worker that was stopped is replaced
        yield* both
      })
    )

    it.effect("give up on a schema, and go on with others", () =>
      Effect.gen(function* () {
        const error = yield* Effect.flip(call((workers) => workers.checkSchema(JSON.stringify(bottomless))))
        assert.strictEqual(error._tag, "WorkTimedOut")
        assert.strictEqual(error.message, "compiling the item schema took longer than 1 s")
        const again = yield* Effect.flip(validate(bottomless, '{"item":{}}'))
        assert.strictEqual(again.message, "compiling the item schema took longer than 1 s")
        yield* call((workers) => workers.checkSchema("{}"))
      })
    )

    it.effect("error the row that takes too long to judge, and no other", () =>
      Effect.gen(function* () {
        const same = { item: { a: "x", b: "x" } }
        const rows = lines(same, { item: { a: long(0x4e00), b: long(0x5000) } }, same)
        const graded = yield* call((workers) => workers.grade(similar, rows))
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

layer(Workers.layer({ size: 1, memoryMiB: 32 }))("workers with little memory", (it) => {
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
        const graded = yield* call((workers) => workers.grade(criteria, [good, good, bomb, good, ""].join("\n")))
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
    30_000
  )
})

layer(Workers.layer({ size: 1, memoryMiB: 1 }))("workers that cannot be started", (it) => {
  it.effect("fail each call, and error no row for it", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(call((workers) => workers.grade(criteria, '{"item":{}}')))
      assert.deepInclude(error, { _tag: "WorkerDied", started: false })
      assert.match(error.message, /^no worker can be started \(.+\): .+\/src\/engine\/worker\.ts$/)
    })
  )
})

describe("a pool", () => {
  it.live("serves thousands of rows a second in one call", () =>
    Effect.gen(function* () {
      const count = 10_000
      const rows = lines(...Array.from({ length: count }, (_, n) => ({ item: { q: `what is ${n}?`, n, a: "x" } })))
      const schema = {
        properties: { q: { type: "string" }, n: { type: "integer" } },
        additionalProperties: { enum: ["x"] }
      }
      yield* Effect.all([validate(schema, '{"item":{}}'), call((workers) => workers.grade(criteria, '{"item":{}}'))])
      // an idle worker does twenty times as many
      const valid = yield* Effect.timeout(validate(schema, rows), "2 seconds")
      assert.strictEqual(valid.rows, count)
      const graded = yield* Effect.timeout(
        call((workers) => workers.grade(criteria, rows)),
        "3 seconds"
      )
      assert.strictEqual(graded.length, count)
      assert.isTrue(graded.every(({ passed: [first, second] }) => first === true && second === false))
    }).pipe(Effect.provide(Workers.layer({ size: 1 })))
  )

  it.effect("works on requests in their order, lets one be taken back, and drops answers that nobody waits for", () =>
    Effect.gen(function* () {
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
      yield* Effect.promise(() => sleep(100))
      yield* Fiber.interrupt(stuck)
      assert.deepStrictEqual(order, [])
      yield* Fiber.join(three)
      yield* Fiber.join(one)
      assert.deepStrictEqual(order, ["one", "three"])
    }).pipe(Effect.provide(Workers.layer({ size: 1, validateMillis: 500 })))
  )

  it.effect("ends with its scope, and so does whoever waits", () =>
    Effect.gen(function* () {
      const children: Array<ChildProcess> = []
      const started = (message: unknown) => {
        if (isStarted(message)) children.push(message.process)
      }
      subscribe("child_process", started)
      const fibers = yield* Effect.gen(function* () {
        const workers = yield* Workers.Workers
        const rows = { schemaText: JSON.stringify(hostile), sampleRequired: false, rows: hostileRow }
        const waiting = yield* Effect.forEach([1, 2, 3], () =>
          Effect.forkDetach(workers.validateRows(rows), { startImmediately: true })
        )
        yield* Effect.promise(() => sleep(500))
        assert.deepStrictEqual(
          children.map(({ signalCode }) => signalCode),
          [null, null]
        )
        return waiting
      }).pipe(Effect.provide(Workers.layer({ size: 2, validateMillis: 60_000 })))
      unsubscribe("child_process", started)
      assert.deepStrictEqual(
        children.map(({ signalCode }) => signalCode),
        ["SIGKILL", "SIGKILL"]
      )
      for (const fiber of fibers) assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
    })
  )

  it("does not keep a process from ending that forgets it", async () => {
    const program = `
      const { Effect, Layer, Scope } = await import("effect")
      const Workers = await import(${JSON.stringify(new URL("../../src/engine/Workers.ts", import.meta.url).href)})
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
        { cwd: new URL("../..", import.meta.url), timeout: 9000 },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error))
      )
    })
    assert.strictEqual(output, "1\n")
  })
})
