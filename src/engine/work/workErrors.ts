/**
 * Errors of the work that is done in worker processes.
 */
import * as Data from "effect/Data"
import type { Problem } from "../graders/multi.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"

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

/**
 * A worker ended before it answered, most likely for want of memory. What was
 * asked of it is not done; later requests have another worker. `started` is false
 * where it never came to work: this machine or this installation starts none.
 */
export class WorkerDied extends Data.TaggedError("WorkerDied")<{
  readonly message: string
  readonly started: boolean
}> {}

/** The error of something that took longer than its limit. */
export const timedOut = (subject: string, limitMillis: number): WorkTimedOut =>
  new WorkTimedOut({ limitMillis, message: `${subject} took longer than ${limitMillis / 1000} s` })

/** The error of an item schema, from what the worker found. */
export const invalidSchema = ({ message, path, unsupported = false }: Finding): InvalidItemSchema =>
  new InvalidItemSchema({ path, message: `${path}: ${message}`, unsupported })
