/**
 * Templates of criteria, compiled once and filled in for each row.
 *
 * @internal
 */
import * as Result from "effect/Result"
import { type Key, type Namespace, parse, type Path } from "../../schema/template.ts"
import type { JsonText } from "./JsonText.ts"
import type { Sample } from "./Sample.ts"

/** What templates are filled in from. */
export interface Scope {
  readonly item: JsonText
  readonly sample: Sample
}

/** A place of a template that nothing fills. */
export interface Missing {
  /** The variable as the template has it, with its braces. */
  readonly variable: string
}

/** A template that was read. */
export interface Template {
  /** The text for a row, or the first variable that has no value there. */
  readonly render: (scope: Scope) => Result.Result<string, Missing>
}

/**
 * The most UTF-16 units that a rendered template may have, 64 Mi. A variable
 * that would make it longer counts as missing. It is the engine's own limit: a
 * template that repeats `{{ item }}` a thousand times would else fill the memory,
 * or throw at the length that strings end at.
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
 * Reads a template. Every text is one; with braces that hold no path in it, it
 * renders for no row, since such braces stand for a variable that is missing (the
 * engine's own rule: the host takes them when an eval is created, and what it
 * makes of them later is not known).
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
