/**
 * Errors of the work in worker processes.
 */
import * as Data from "effect/Data"
import type { Problem } from "../graders/multi.ts"
import type { Finding } from "../schemas/explainAjvErrors.ts"

/** An item schema is invalid, or this engine cannot use it. */
export class InvalidItemSchema extends Data.TaggedError("InvalidItemSchema")<{
  /** The text for a reader, with the path. */
  readonly message: string
  /** The place in the schema: `item_schema.properties.price.type`. */
  readonly path: string
  /** Whether the schema is well formed but this engine cannot use it. */
  readonly unsupported: boolean
}> {}

/** A row does not meet the requirements of the eval. */
export class InvalidRow extends Data.TaggedError("InvalidRow")<{
  /** The number of the row in the call, from 0. */
  readonly index: number
  /** The line, counted from the `firstLine` of the call. */
  readonly line: number
  /** `item.price`, `item.tags[2]`, `sample`; empty if the row as a whole is wrong. */
  readonly path: string
  /** The text for a reader, without the path: `expected a number, got "abc"`. */
  readonly message: string
}> {}

/** A time limit expired. */
export class WorkTimedOut extends Data.TaggedError("WorkTimedOut")<{
  readonly message: string
  readonly limitMillis: number
  /** The line of the row that was validated, counted as in {@link InvalidRow}. */
  readonly line?: number
}> {}

/** A grader cannot be run, for the given reasons. */
export class UnusableGrader extends Data.TaggedError("UnusableGrader")<{
  readonly problems: ReadonlyArray<Problem>
}> {
  override get message(): string {
    return this.problems.map(({ message, path }) => `${path.join(".")}: ${message}`).join("; ")
  }
}

/**
 * A worker ended before it answered, most likely because its memory was full. Its request is not done. Later requests get
 * another worker. `started` is false if the worker never became ready: this machine or this installation starts none.
 */
export class WorkerDied extends Data.TaggedError("WorkerDied")<{
  readonly message: string
  readonly started: boolean
}> {}

/** Makes the error of an expired time limit. */
export const timedOut = (subject: string, limitMillis: number): WorkTimedOut =>
  new WorkTimedOut({ limitMillis, message: `${subject} took longer than ${limitMillis / 1000} s` })

/** Makes the error of an item schema from the finding of a worker. */
export const invalidSchema = ({ message, path, unsupported = false }: Finding): InvalidItemSchema =>
  new InvalidItemSchema({ path, message: `${path}: ${message}`, unsupported })
