import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { execFile } from "node:child_process"
import { setTimeout as sleep } from "node:timers/promises"
import * as Workers from "../../src/engine/Workers.ts"

const within = (options: Workers.Options) => Effect.provide(Workers.layer(options))

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

/** A row that takes more memory than a worker of these tests has. */
const bomb = `{"item":{"a":[${"{},".repeat(1_500_000)}{}]}}`
const little = { memoryMiB: 32 } as const

const is = (name: string, reference: string) => ({
  id: `${name}-1`,
  grader: { type: "string_check", name, input: "{{ item.a }}", reference, operation: "eq" }
})
const criteria = JSON.stringify([is("x", "x"), is("y", "y")])

const brief = (graded: ReadonlyArray<Workers.Graded>) => graded.map(({ passed, status }) => [status, ...passed])

/** Processes and pipes that this process still has. */
const handles = () =>
  process.getActiveResourcesInfo().filter((name) => name === "ProcessWrap" || name === "PipeWrap").length

describe("checkSchema", () => {
  it.effect("takes a schema, and says what is wrong with one that is none", () =>
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
    }).pipe(within({ size: 1 }))
  )

  it.effect("gives up on a schema that takes too long, and goes on with others", () =>
    Effect.gen(function* () {
      const defs = Object.fromEntries(
        Array.from({ length: 40 }, (_, i) => [
          `a${i}`,
          { allOf: [{ $ref: `#/$defs/a${i + 1}` }, { $ref: `#/$defs/a${i + 1}` }] }
        ])
      )
      const text = JSON.stringify({ $ref: "#/$defs/a0", $defs: { ...defs, a40: {} } })
      const error = yield* Effect.flip(call((workers) => workers.checkSchema(text)))
      assert.strictEqual(error._tag, "WorkTimedOut")
      assert.strictEqual(error.message, "compiling the item schema took longer than 0.3 s")
      yield* call((workers) => workers.checkSchema("{}"))
    }).pipe(within({ size: 1, compileMillis: 300 }))
  )
})

describe("validateRows", () => {
  it.effect("counts rows, and names models and keys that nothing reads", () =>
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
    }).pipe(within({ size: 1, sliceMillis: 0 }))
  )

  it.effect("names the first row that is wrong", () =>
    Effect.gen(function* () {
      const rows = `${lines({ item: { a: 1 } }, { item: { a: 2 } })}\n\n${lines({ item: { a: "x" } })}\n{`
      const error = yield* Effect.flip(validate({ properties: { a: { type: "number" } } }, rows, 11))
      assert.strictEqual(error._tag, "InvalidRow")
      assert.deepInclude(error, { index: 2, line: 14, path: "item.a", message: 'expected a number, got "x"' })
    }).pipe(within({ size: 1, sliceMillis: 0 }))
  )

  it.effect("does not hold anybody up when a row is hostile", () =>
    Effect.gen(function* () {
      const rows = `{"item":{"a":"aaa"}}\n${hostileRow}`
      const stuck = yield* Effect.forkChild(Effect.flip(validate(hostile, rows, 7)), { startImmediately: true })
      yield* validate({ type: "object" }, '{"item":{}}')
      assert.isUndefined(stuck.pollUnsafe())
      const error = yield* Fiber.join(stuck)
      assert.strictEqual(error._tag, "WorkTimedOut")
      assert.strictEqual(error.message, "checking line 8 against the item schema took longer than 1.5 s")
      // the other worker is replaced
      yield* Effect.all([validate({}, '{"item":{}}'), validate({}, '{"item":{}}')], { concurrency: 2 })
    }).pipe(within({ size: 2, validateMillis: 1500 }))
  )

  it.effect("fails when a row fills the memory, and works again", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(validate(undefined, bomb))
      assert.strictEqual(error._tag, "WorkerDied")
      assert.match(
        error.message,
        /^a worker ended \(.+\) while checking rows; most likely its memory of 32 MiB was not enough$/
      )
      assert.strictEqual((yield* validate(undefined, '{"item":{}}')).rows, 1)
    }).pipe(within({ size: 1, ...little }))
  )

  it.effect("fails when no worker can be started", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(validate(undefined, '{"item":{}}'))
      assert.strictEqual(error._tag, "WorkerDied")
      if (error._tag === "WorkerDied") assert.isFalse(error.started)
      assert.match(error.message, /^no worker can be started \(.+\): .+\/src\/engine\/worker\.ts$/)
    }).pipe(within({ size: 1, memoryMiB: 1 }))
  )
})

describe("grade", () => {
  it.effect("judges every row in its order, however often it is interrupted by others", () =>
    Effect.gen(function* () {
      const rows = `\n${lines({ item: { a: "x" } }, { item: { a: "y" } })}\n\n${lines({ item: {} })}\n`
      const graded = yield* call((workers) => workers.grade(criteria, rows))
      assert.deepStrictEqual(brief(graded), [
        ["fail", true, false],
        ["fail", false, true],
        ["fail", false, false]
      ])
      assert.match(graded[0]?.tail ?? "", /^"datasource_item":\{"a":"x"\},"results":\[\{"name":"x-1","passed":true,/)
      assert.deepStrictEqual(yield* call((workers) => workers.grade("[]", rows)).pipe(Effect.map(brief)), [
        ["pass"],
        ["pass"],
        ["pass"]
      ])
      assert.deepStrictEqual(yield* call((workers) => workers.grade(criteria, "")), [])
    }).pipe(within({ size: 1, sliceMillis: 0 }))
  )

  it.effect("errors the row that takes too long, and no other", () =>
    Effect.gen(function* () {
      const text = (from: number) =>
        Array.from({ length: 400_000 }, (_, i) => String.fromCharCode(from + ((i * i) % 5003))).join("")
      const slow = JSON.stringify([
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
      const same = { item: { a: "x", b: "x" } }
      const rows = lines(same, { item: { a: text(0x4e00), b: text(0x5000) } }, same)
      const graded = yield* call((workers) => workers.grade(slow, rows))
      assert.deepStrictEqual(brief(graded), [
        ["pass", true],
        ["error", false],
        ["pass", true]
      ])
      assert.include(graded[1]?.tail, '"code":"grader_timeout"')
    }).pipe(within({ size: 1, gradeMillis: 100 }))
  )

  it.effect("errors the row that fills the memory, and no other", () =>
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
        graded[2]?.tail ?? "",
        /^"datasource_item":\{\},"results":\[\{"name":"x-1","passed":false,"sample":\{"error":\{"code":"grader_crashed",/
      )
    }).pipe(within({ size: 1, ...little }))
  )

  it.effect("fails when no worker can be started: no row is errored for that", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(call((workers) => workers.grade(criteria, '{"item":{}}')))
      assert.isFalse(error.started)
    }).pipe(within({ size: 1, memoryMiB: 1 }))
  )

  it.effect("takes turns with other calls", () =>
    Effect.gen(function* () {
      const rows = lines(...Array.from({ length: 20_000 }, () => ({ item: { a: "x" } })))
      const many = yield* Effect.forkChild(
        call((workers) => workers.grade(criteria, rows)),
        { startImmediately: true }
      )
      yield* validate(undefined, '{"item":{}}')
      assert.isUndefined(many.pollUnsafe())
      assert.strictEqual((yield* Fiber.join(many)).length, 20_000)
    }).pipe(within({ size: 1, sliceMillis: 5 }))
  )
})

describe("graders", () => {
  const grader = {
    type: "string_check",
    name: "is",
    input: "{{ sample.output_text }}",
    reference: "{{ item.a }}",
    operation: "eq"
  } as const

  it.effect("are run and looked at", () =>
    Effect.gen(function* () {
      const response = yield* call((workers) => workers.runGrader({ grader, model_sample: "x", item: { a: "x" } }))
      assert.strictEqual(response.reward, 1)
      assert.deepStrictEqual(yield* call((workers) => workers.validateGrader(grader)), [])
      const python = { type: "python", name: "p", source: "" } as const
      const error = yield* Effect.flip(call((workers) => workers.runGrader({ grader: python, model_sample: "x" })))
      assert.strictEqual(error._tag, "UnusableGrader")
      const problems = yield* call((workers) => workers.validateGrader(python))
      assert.strictEqual(error.message, `grader: ${problems[0]?.message ?? ""}`)
    }).pipe(within({ size: 1 }))
  )
})

describe("a pool", () => {
  it.effect("works on requests in their order, and lets one be taken back", () =>
    Effect.gen(function* () {
      const order: Array<string> = []
      const start = (name: string) =>
        Effect.forkChild(
          Effect.tap(validate({}, '{"item":{}}'), () => Effect.sync(() => order.push(name))),
          { startImmediately: true }
        )
      const stuck = yield* Effect.forkChild(Effect.exit(validate(hostile, hostileRow)), { startImmediately: true })
      const one = yield* start("one")
      const two = yield* start("two")
      const three = yield* start("three")
      yield* Fiber.interrupt(two)
      assert.isUndefined(stuck.pollUnsafe())
      yield* Fiber.join(three)
      yield* Fiber.join(one)
      assert.deepStrictEqual(order, ["one", "three"])
      assert.isTrue(Exit.isFailure(yield* Fiber.join(stuck)))
    }).pipe(within({ size: 1, validateMillis: 500 }))
  )

  it.effect("drops the answer that nobody waits for any more", () =>
    Effect.gen(function* () {
      const stuck = yield* Effect.forkChild(validate(hostile, hostileRow), { startImmediately: true })
      yield* Effect.promise(() => sleep(100))
      yield* Fiber.interrupt(stuck)
      assert.strictEqual((yield* validate({}, '{"item":{}}')).rows, 1)
    }).pipe(within({ size: 1, validateMillis: 500 }))
  )

  it.effect("ends with its scope, and so does whoever waits", () =>
    Effect.gen(function* () {
      const before = handles()
      const waiting = yield* Effect.gen(function* () {
        yield* Effect.all([validate({}, '{"item":{}}'), validate({}, '{"item":{}}')], { concurrency: 2 })
        assert.isAbove(handles(), before)
        const workers = yield* Workers.Workers
        const rows = { schemaText: JSON.stringify(hostile), sampleRequired: false, rows: hostileRow }
        return yield* Effect.forEach([1, 2, 3], () => Effect.forkDetach(workers.validateRows(rows)), { concurrency: 1 })
      }).pipe(within({ size: 2, validateMillis: 60_000 }))
      for (const fiber of waiting) assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      yield* Effect.promise(() => sleep(10))
      assert.strictEqual(handles(), before)
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

describe("throughput", () => {
  const count = 10_000
  const rows = lines(
    ...Array.from({ length: count }, (_, n) => ({ item: { q: `what is ${n}?`, n, a: "x", tags: ["a", "b"] } }))
  )
  const schema = {
    type: "object",
    properties: {
      q: { type: "string", minLength: 1 },
      n: { type: "integer" },
      a: { enum: ["x", "y"] },
      tags: { type: "array", items: { type: "string" } }
    },
    required: ["q", "n", "a"],
    additionalProperties: false
  }

  // far below what a worker does (see the benchmarks), since tests share their processors with others
  it.live("is thousands of rows a second", () =>
    Effect.gen(function* () {
      yield* validate(schema, rows)
      const [validating] = yield* Effect.timed(validate(schema, rows))
      yield* call((workers) => workers.grade(criteria, rows))
      const [grading, graded] = yield* Effect.timed(call((workers) => workers.grade(criteria, rows)))
      assert.strictEqual(graded.length, count)
      console.log(String(validating), String(grading))
    }).pipe(within({ size: 1 }))
  )
})
