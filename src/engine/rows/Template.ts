/**
 * Templates of criteria. A template is compiled once, and rendered for each row.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { type Key, type Namespace, parse, type Path } from "../../schema/template.ts"
import type { JsonText } from "./JsonText.ts"
import type { Sample } from "./Sample.ts"

/** The values that a template reads: the item and the sample of a row. */
export interface Scope {
  readonly item: JsonText
  readonly sample: Sample
}

/** A variable of a template that has no value. */
export interface Missing {
  /** The variable as it is written in the template, with its braces. */
  readonly variable: string
}

/** A compiled template. */
export interface Template {
  /** Renders the template for a row. Fails with the first variable that has no value. */
  readonly render: (scope: Scope) => Result.Result<string, Missing>
}

/**
 * The most UTF-16 units of a rendered template, 64 Mi. A variable that would exceed it counts as missing. It is the
 * engine's own limit: without it, a template that repeats `{{ item }}` a thousand times could fill the memory, or throw at
 * JavaScript's limit of strings.
 */
export const maxRenderedLength = 64 * 1024 * 1024

interface Variable {
  readonly namespace: Namespace
  readonly keys: ReadonlyArray<Key>
  readonly missing: Result.Result<never, Missing>
}

const missing = (variable: string): Result.Result<never, Missing> => Result.fail({ variable })

const variable = ({ keys, namespace, text }: Path): Variable => ({ namespace, keys, missing: missing(text) })

const valueOf = ({ keys, namespace }: Variable, scope: Scope): string | undefined => scope[namespace].render(keys)

const renderAll = (parts: ReadonlyArray<string | Variable>, scope: Scope): Result.Result<string, Missing> => {
  let text = ""
  for (const part of parts) {
    if (typeof part === "string") text += part
    else {
      const value = valueOf(part, scope)
      if (value === undefined || text.length + value.length > maxRenderedLength) return part.missing
      text += value
    }
  }
  return Result.succeed(text)
}

/**
 * Compiles a template. Every text compiles. Braces without a path are a variable that is always missing, so the template
 * renders for no row. This is the engine's own rule: the host accepts such braces when an eval is created, and its later
 * behaviour is unknown.
 */
export const compile = (template: string): Template => {
  const parts: Array<string | Variable> = []
  for (const segment of parse(template)) {
    if (segment._tag === "Malformed") {
      const never = missing(segment.text)
      return { render: () => never }
    }
    parts.push(segment._tag === "Literal" ? segment.text : variable(segment))
  }
  const [first = "", ...more] = parts
  if (more.length > 0) return { render: (scope) => renderAll(parts, scope) }
  if (typeof first === "string") {
    const constant = Result.succeed(first)
    return { render: () => constant }
  }
  return {
    render: (scope) => {
      const value = valueOf(first, scope)
      return value === undefined ? first.missing : Result.succeed(value)
    }
  }
}
