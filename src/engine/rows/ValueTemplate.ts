/**
 * Templates inside a value of JSON, such as the messages for a model. Every string of the value is a template.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { isObject } from "./JsonText.ts"
import * as Template from "./Template.ts"

/** A compiled value. */
export interface ValueTemplate {
  /** Renders all strings of the value for a row. Fails with the first variable that has no value. */
  readonly render: (scope: Template.Scope) => Result.Result<unknown, Template.Missing>
}

const constant = (value: unknown): ValueTemplate => {
  const same = Result.succeed(value)
  return { render: () => same }
}

const all = (
  parts: ReadonlyArray<ValueTemplate>,
  scope: Template.Scope
): Result.Result<ReadonlyArray<unknown>, Template.Missing> => {
  const values: Array<unknown> = []
  for (const part of parts) {
    const value = part.render(scope)
    if (Result.isFailure(value)) return Result.fail(value.failure)
    values.push(value.success)
  }
  return Result.succeed(values)
}

/** Compiles a value. Names of fields are not templates. */
export const compile = (value: unknown): ValueTemplate => {
  if (typeof value === "string") return Template.compile(value)
  if (Array.isArray(value)) {
    const parts = value.map(compile)
    return { render: (scope) => all(parts, scope) }
  }
  if (!isObject(value)) return constant(value)
  const names = Object.keys(value)
  const parts = Object.values(value).map(compile)
  return {
    render: (scope) =>
      Result.map(all(parts, scope), (values) => Object.fromEntries(names.map((name, index) => [name, values[index]])))
  }
}
