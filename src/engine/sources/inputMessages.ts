/**
 * The messages that a run sends for a row: a template with the row filled in, or a part of the row itself.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { parse, type Path } from "../../schema/template.ts"
import { isObject, JsonText } from "../rows/JsonText.ts"
import type { Row } from "../rows/Row.ts"
import { Sample } from "../rows/Sample.ts"
import * as ValueTemplate from "../rows/ValueTemplate.ts"

/** The messages of a row; the failure says, for a reader, why there are none. */
export type RowMessages = (row: Row) => Result.Result<ReadonlyArray<unknown>, string>

const absent = new Sample(undefined)

const fromTemplate = (template: ReadonlyArray<unknown>): RowMessages => {
  const compiled = ValueTemplate.compile(template)
  return ({ item, itemText, odd }) => {
    const rendered = compiled.render({ item: new JsonText(item, itemText, odd), sample: absent })
    if (Result.isFailure(rendered)) return Result.fail(`input_messages: ${rendered.failure.variable} has no value`)
    return Array.isArray(rendered.success) ? Result.succeed(rendered.success) : Result.fail("input_messages is no list")
  }
}

/** A reference has no braces: `item.input`. */
const pathOf = (reference: string): Path | undefined => {
  const [path, ...more] = parse(`{{${reference}}}`)
  return path?._tag === "Path" && more.length === 0 ? path : undefined
}

const valueAt = (item: unknown, keys: Path["keys"]): unknown => {
  let value = item
  for (const key of keys) {
    if (typeof key === "number") value = Array.isArray(value) ? value[key] : undefined
    else value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined
  }
  return value
}

const fromReference = (reference: string): RowMessages => {
  const path = pathOf(reference)
  if (path === undefined || path.namespace !== "item") {
    const failure = Result.fail(
      `input_messages: ${JSON.stringify(reference)} is no path below item, such as item.input`
    )
    return () => failure
  }
  return ({ item }) => {
    const value = valueAt(item, path.keys)
    // a text is one message of the user
    if (typeof value === "string") return Result.succeed([{ role: "user", content: value }])
    return Array.isArray(value) && value.length > 0
      ? Result.succeed(value)
      : Result.fail(`input_messages: ${reference} ${value === undefined ? "has no value" : "is no list of messages"}`)
  }
}

/** Reads the `input_messages` of a data source. The failure says what is wrong with them. */
export const compile = (inputMessages: unknown): Result.Result<RowMessages, string> => {
  const { item_reference, template, type } = isObject(inputMessages) ? inputMessages : {}
  if (type === "template" && Array.isArray(template)) return Result.succeed(fromTemplate(template))
  if (type === "item_reference" && typeof item_reference === "string") {
    return Result.succeed(fromReference(item_reference))
  }
  return Result.fail(
    'input_messages must be {"type": "template", "template": […]} or {"type": "item_reference", "item_reference": "item.…"}'
  )
}
