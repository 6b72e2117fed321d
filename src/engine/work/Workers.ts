/**
 * Does in other processes whatever a user's content can make slow: item schemas
 * are checked there, rows validated and judged, graders run. A schema with a
 * hostile pattern, or a row that fills the memory, costs its own request a moment
 * and everybody else nothing.
 */
import { availableParallelism } from "node:os"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import type * as Grader from "../../schema/Grader.ts"
import * as ModelUsage from "../../store/ModelUsage.ts"
import * as Criteria from "../graders/Criteria.ts"
import type { RunParams } from "../graders/endpoint.ts"
import type { Problem } from "../graders/multi.ts"
import { errored } from "./erroredRow.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"
import * as Pool from "./ProcessPool.ts"
import { type Expired, type GradedRows, unknownKeysKept, type Unread } from "./protocol.ts"

// =============================================================================
// errors
// =============================================================================

/** An item schema is no JSON Schema, or none that can be used. */
export class InvalidItemSchema extends Data.TaggedError("InvalidItemSchema")<{
  /** For a reader, the path included. */
  readonly message: string
  /** The place in the schema: `item_schema.properties.price.type`. */
  readonly path: string
  /** Whether the schema is well formed, and only this engine cannot use it. */
  readonly unsupported: boolean
}> {}

/** A row is not what the eval asks for. */
export class InvalidRow extends Data.TaggedError("InvalidRow")<{
  /** Among the rows of the call, from 0. */
  readonly index: number
  /** The line, counted from the `firstLine` of the call. */
  readonly line: number
  /** `item.price`, `item.tags[2]`, `sample`; nothing where the row as a whole is wrong. */
  readonly path: string
  /** For a reader, without the path: `expected a number, got "abc"`. */
  readonly message: string
}> {}

/** Something took longer than it may. */
export class WorkTimedOut extends Data.TaggedError("WorkTimedOut")<{
  readonly message: string
  readonly limitMillis: number
  /** Where a row was checked: its line, counted as that of {@link InvalidRow}. */
  readonly line?: number
}> {}

/** A grader that cannot be run, and why. */
export class UnusableGrader extends Data.TaggedError("UnusableGrader")<{
  readonly problems: ReadonlyArray<Problem>
}> {
  override get message(): string {
    return this.problems.map(({ message, path }) => `${path.join(".")}: ${message}`).join("; ")
  }
}

export {
  /**
   * A worker ended before it answered, most likely for want of memory. What was
   * asked of it is not done; later requests have another worker. `started` is
   * false where it never came to work: this machine or this installation starts
   * none.
   */
  WorkerDied
} from "./ProcessPool.ts"

// =============================================================================
// service
// =============================================================================

/** Rows to be validated. */
export interface Rows {
  /** The JSON Schema of `item`; without one any object is an item. */
  readonly schemaText: string | undefined
  /** Whether each row must have a sample. */
  readonly sampleRequired: boolean
  /** The fields of `sample` that criteria read; none when left out. */
  readonly sampleNames?: ReadonlyArray<string>
  /** Lines of JSON. Blank lines count as lines, but are no rows. */
  readonly rows: Uint8Array | string
  /** The number of the first line; 1 when left out. */
  readonly firstLine?: number
}

/** Rows that are what the eval asks for. */
export interface Valid {
  /** How many there are. */
  readonly rows: number
  /** The models that samples name, two at the most. Samples that could not be taken name none. */
  readonly models: ReadonlyArray<string>
  /** Keys of rows besides `item` and `sample`, which nothing reads; some at the most. */
  readonly unknownKeys: ReadonlyArray<string>
  /**
   * Rows whose sample has nothing that criteria read: how many, and the first. Its
   * row counts among those of the call, its line from `firstLine`.
   */
  readonly unread: Unread | undefined
}

/** What became of a row. */
export interface Graded {
  readonly status: "pass" | "fail" | "error"
  /** Whether each criterion passed, in their order. */
  readonly passed: ReadonlyArray<boolean>
  /** The output item's JSON from `"datasource_item":` up to and including its closing brace, in UTF-8. */
  readonly tail: Uint8Array
  /**
   * Where `tail` has `null` for a copy of the sample: distances from its end in
   * UTF-16 units, first that of the sample. Null where it has no copies.
   */
  readonly copies: ReadonlyArray<number> | null
}

/** Rows that were judged. */
export interface GradedBatch {
  /** One entry for each row, in their order. */
  readonly graded: ReadonlyArray<Graded>
  /** The tokens that their samples took, by model. */
  readonly usage: ReadonlyArray<ModelUsage.ModelUsage>
}

/** Does what a user's content can make slow. */
export interface Service {
  /** Whether an item schema can be used. */
  readonly checkSchema: (schemaText: string) => Effect.Effect<void, InvalidItemSchema | WorkTimedOut | Pool.WorkerDied>
  /** Looks at rows one after the other, up to the first that is wrong. */
  readonly validateRows: (
    rows: Rows
  ) => Effect.Effect<Valid, InvalidRow | InvalidItemSchema | WorkTimedOut | Pool.WorkerDied>
  /**
   * Judges rows. `criteria` is the
   * JSON of a list of `{ id, grader }`. A row that takes too long, fills the
   * memory or cannot be read is errored, and says so; the only failure is that no
   * worker can be started (`started` is false then).
   */
  readonly grade: (criteria: string, rows: Uint8Array | string) => Effect.Effect<GradedBatch, Pool.WorkerDied>
  /** Puts one grader to one sample. */
  readonly runGrader: (
    params: RunParams
  ) => Effect.Effect<Grader.RunResponse, UnusableGrader | WorkTimedOut | Pool.WorkerDied>
  /** What keeps a grader from being run; nothing when it can be. */
  readonly validateGrader: (
    grader: Grader.GraderParam
  ) => Effect.Effect<ReadonlyArray<Problem>, WorkTimedOut | Pool.WorkerDied>
}

/** Does what a user's content can make slow. */
export class Workers extends Context.Service<Workers, Service>()("effect-evals/engine/Workers") {}

// =============================================================================
// options
// =============================================================================

/** What workers may take. All of it may be left out. */
export interface Options {
  /**
   * How many may judge the rows of runs at a time, how many check rows, and how
   * many do all else; 2 to 4 each when left out, by the machine. They are started
   * when there is work for them.
   */
  readonly size?: number
  /** The memory of one, in MiB. */
  readonly memoryMiB?: number
  /**
   * The program file of a worker: a path, or a `file:` URL. It is found by itself
   * where this package is installed; a bundled application names it.
   */
  readonly program?: string | URL | undefined
  /** How long a worker stays with one call, in milliseconds, before it turns to the next that waits. */
  readonly sliceMillis?: number
  /** How long a schema may take to be compiled, in milliseconds. */
  readonly compileMillis?: number
  /** How long a row may take to be validated, in milliseconds. */
  readonly validateMillis?: number
  /** How long a row, or a single grader, may take to be judged, in milliseconds. */
  readonly gradeMillis?: number
}

/** The limits where nothing else is said. At least two workers, so that one hostile schema does not hold up everybody. */
export const defaults: Required<Omit<Options, "program">> = {
  size: Math.max(2, Math.min(4, availableParallelism())),
  memoryMiB: 512,
  sliceMillis: 50,
  compileMillis: 5000,
  validateMillis: 2000,
  gradeMillis: 5000
}

// =============================================================================
// implementation
// =============================================================================

const encoder = new TextEncoder()

const bytesOf = (rows: Uint8Array | string): Uint8Array => (typeof rows === "string" ? encoder.encode(rows) : rows)

const lineFeed = 0x0a

/** The first line, with its line feed. */
const firstOf = (rows: Uint8Array): Uint8Array => {
  const end = rows.indexOf(lineFeed)
  return end === -1 ? rows : rows.subarray(0, end + 1)
}

const timedOut = (what: string, limitMillis: number): WorkTimedOut =>
  new WorkTimedOut({ limitMillis, message: `${what} took longer than ${limitMillis / 1000} s` })

const statusOf = new Map<string | undefined, Graded["status"]>([
  ["p", "pass"],
  ["f", "fail"]
])

const collect = (into: Array<Graded>, { copies, ends, passed, statuses, tails }: GradedRows): void => {
  const places = new Map(copies)
  const criteria = ends.length === 0 ? 0 : passed.length / ends.length
  let start = 0
  for (const [row, end] of ends.entries()) {
    const bits: Array<boolean> = []
    for (let i = row * criteria; i < (row + 1) * criteria; i++) bits.push(passed[i] === "1")
    into.push({
      status: statusOf.get(statuses[row]) ?? "error",
      passed: bits,
      tail: tails.subarray(start, end),
      copies: places.get(row) ?? null
    })
    start = end
  }
}

const invalidSchema = ({ message, path, unsupported = false }: Finding) =>
  new InvalidItemSchema({ path, message: `${path}: ${message}`, unsupported })

const make = Effect.fnUntraced(function* (options: Options) {
  const limits = { ...defaults, ...options }
  const { compileMillis, gradeMillis, sliceMillis, validateMillis } = limits
  const pool = yield* Pool.make(limits)

  const checkSchema: Service["checkSchema"] = Effect.fnUntraced(function* (schemaText) {
    const answer = yield* pool.ask("checkSchema", { schemaText, millis: compileMillis, sliceMillis })
    if (answer._tag === "BadSchema") return yield* invalidSchema(answer)
    if (answer._tag === "Expired") return yield* timedOut("compiling the item schema", compileMillis)
  })

  const expiredAt = ({ line }: Expired, firstLine: number) =>
    line === undefined
      ? timedOut("compiling the item schema", compileMillis)
      : new WorkTimedOut({
          limitMillis: validateMillis,
          line: firstLine + line,
          message: `takes longer than ${validateMillis / 1000} s to be checked against the item schema; is one of its patterns like "^(a+)+$"?`
        })

  const validateRows: Service["validateRows"] = Effect.fnUntraced(function* ({
    firstLine = 1,
    rows,
    sampleNames = [],
    sampleRequired,
    schemaText
  }) {
    const models = new Set<string>()
    const unknownKeys = new Set<string>()
    let unread: Unread | undefined
    const common = { schemaText, sampleRequired, sampleNames, compileMillis, millis: validateMillis, sliceMillis }
    let rest = bytesOf(rows)
    let index = 0
    let line = firstLine
    while (rest.length > 0) {
      const answer = yield* pool.ask("validateRows", { ...common, rows: rest })
      if (answer._tag === "BadRow") {
        const { message, path } = answer
        return yield* new InvalidRow({ index: index + answer.row, line: line + answer.line, path, message })
      }
      if (answer._tag === "BadSchema") return yield* invalidSchema(answer)
      if (answer._tag === "Expired") return yield* expiredAt(answer, line)
      for (const model of answer.models) if (models.size < 2) models.add(model)
      for (const key of answer.unknownKeys) if (unknownKeys.size < unknownKeysKept) unknownKeys.add(key)
      const more = answer.unread
      if (more !== undefined) {
        const first = unread ?? { ...more, row: index + more.row, line: line + more.line, rows: 0 }
        unread = { ...first, rows: first.rows + more.rows }
      }
      index += answer.rows
      line += answer.lines
      rest = rest.subarray(answer.bytes)
    }
    return { rows: index, models: [...models], unknownKeys: [...unknownKeys], unread }
  })

  /** The entry of a row that no worker survives. */
  const refuse = Effect.fnUntraced(function* (criteria: string, rows: Uint8Array, { message }: Pool.WorkerDied) {
    const reason = { code: "grader_crashed", message: `The criteria could not judge this row: ${message}.` }
    const request = { criteria, rows, errored: reason, millis: gradeMillis, sliceMillis }
    const answer = yield* Effect.result(pool.ask("grade", request))
    const graded: Array<Graded> = []
    if (Result.isSuccess(answer)) {
      collect(graded, answer.success)
      return { graded, usage: answer.success.usage }
    }
    if (answer.failure.started) {
      const known = Criteria.ofText(criteria)
      const { passed, status, tail } = errored(known, undefined, reason)
      graded.push({ status, passed, tail: encoder.encode(tail), copies: null })
      return { graded, usage: [] }
    }
    return yield* answer.failure
  })

  const grade: Service["grade"] = Effect.fnUntraced(function* (criteria, rows) {
    const common = { criteria, errored: undefined, millis: gradeMillis, sliceMillis }
    const graded: Array<Graded> = []
    const usage: Array<ModelUsage.ModelUsage> = []
    const take = (part: GradedBatch): void => {
      for (const one of part.graded) graded.push(one)
      for (const one of part.usage) usage.push(one)
    }
    let rest = bytesOf(rows)
    // after a worker died, the rows are put to others one by one until it is known which did it
    let oneByOne = false
    while (rest.length > 0) {
      const part = oneByOne ? firstOf(rest) : rest
      const answer = yield* Effect.result(pool.ask("grade", { ...common, rows: part }))
      if (Result.isSuccess(answer)) {
        collect(graded, answer.success)
        for (const one of answer.success.usage) usage.push(one)
        rest = rest.subarray(answer.success.bytes)
      } else if (!answer.failure.started) {
        return yield* answer.failure
      } else if (oneByOne) {
        take(yield* refuse(criteria, part, answer.failure))
        rest = rest.subarray(part.length)
        oneByOne = false
      } else oneByOne = true
    }
    return { graded, usage: ModelUsage.sum(usage) }
  })

  const runGrader: Service["runGrader"] = Effect.fnUntraced(function* (params) {
    const answer = yield* pool.ask("runGrader", { params, millis: gradeMillis, sliceMillis })
    if (answer._tag === "Unusable") return yield* new UnusableGrader({ problems: answer.problems })
    if (answer._tag === "Expired") return yield* timedOut("running the grader", gradeMillis)
    return answer.response
  })

  const validateGrader: Service["validateGrader"] = Effect.fnUntraced(function* (grader) {
    const answer = yield* pool.ask("validateGrader", { grader, millis: gradeMillis, sliceMillis })
    return answer._tag === "Expired" ? yield* timedOut("checking the grader", gradeMillis) : answer.problems
  })

  return Workers.of({ checkSchema, validateRows, grade, runGrader, validateGrader })
})

/** Workers that are started when there is work for them, and end with the scope. */
export const layer = (options: Options = {}): Layer.Layer<Workers> => Layer.effect(Workers, make(options))
