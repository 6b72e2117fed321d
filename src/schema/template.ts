/**
 * The template language of criteria and input messages: `{{ item.label }}`,
 * `{{ sample.output_tools[0].function.name }}`. Text outside of `{{ }}` is literal, and so are single braces.
 *
 * The API documents paths of names and indices below `item` and `sample`, with or without spaces inside the braces, and
 * nothing else. Two rules are this project's own. A key in quotes, `item["unit price"]`, names a field that is not a
 * plain word. If more than two opening braces follow each other, the last two begin the template.
 *
 * @internal
 */

/** The name of a field, or an index of a list. */
export type Key = string | number

/** Literal text. */
export interface Literal {
  readonly _tag: "Literal"
  readonly text: string
}

/**
 * A path into the row or the sample. It is replaced by the value there. Without keys it is the whole item or sample.
 */
export interface Path {
  readonly _tag: "Path"
  /** The source text, with its braces. */
  readonly text: string
  readonly namespace: Namespace
  readonly keys: ReadonlyArray<Key>
}

/** Braces without a path inside. They count as a missing value. */
export interface Malformed {
  readonly _tag: "Malformed"
  /** The source text, from the opening braces on. */
  readonly text: string
  readonly problem: Problem
}

/** A part of a template. The texts of all parts, joined, are the template. */
export type Segment = Literal | Path | Malformed

/** The first name of a path. */
export type Namespace = "item" | "sample"

/** The fault of malformed braces. */
export type Problem = "unclosed" | "empty" | "call" | "filter" | "namespace" | "syntax"

interface Scanned {
  readonly name: string
  readonly keys: ReadonlyArray<Key>
  /** The offset after it. */
  readonly end: number
}

const word = String.raw`[\p{L}\p{M}\p{N}_$-]`
// bounded, since the stack of regular expressions does not hold ten million characters behind a quote left open
const quoted = (quote: string) => String.raw`${quote}((?:[^${quote}\\\n]|\\.){0,256})${quote}`
const memberPattern = String.raw`\.(${word}+)|\[(\d{1,9})\]|\[${quoted('"')}\]|\[${quoted("'")}\]`

const first = new RegExp(String.raw`[\p{L}_$]${word}*`, "uy")
const member = new RegExp(memberPattern, "uy")
const space = /\s*/y

const matchAt = (pattern: RegExp, text: string, offset: number): RegExpExecArray | undefined => {
  pattern.lastIndex = offset
  return pattern.exec(text) ?? undefined
}

const keyOf = ([, plain, index, double, single]: RegExpExecArray): Key =>
  index === undefined ? (plain ?? (double ?? single ?? "").replaceAll(/\\(.)/g, "$1")) : Number(index)

/** Reads a name and as many members as follow. */
const scan = (text: string, offset: number): Scanned | undefined => {
  const head = matchAt(first, text, offset)
  if (head === undefined) return undefined
  const keys: Array<Key> = []
  let end = offset + head[0].length
  for (let found = matchAt(member, text, end); found !== undefined; found = matchAt(member, text, end)) {
    keys.push(keyOf(found))
    end += found[0].length
  }
  return { name: head[0], keys, end }
}

const skipSpace = (text: string, offset: number): number => offset + (matchAt(space, text, offset)?.[0].length ?? 0)

const isNamespace = (text: string): text is Namespace => text === "item" || text === "sample"

/** Parses a path without braces, such as that of an item reference: `item.messages`. */
export const parsePath = (
  text: string
): { readonly namespace: Namespace; readonly keys: ReadonlyArray<Key> } | undefined => {
  const found = scan(text, 0)
  return found !== undefined && found.end === text.length && isNamespace(found.name)
    ? { namespace: found.name, keys: found.keys }
    : undefined
}

const problemOf = (content: string): Problem =>
  content.trim() === "" ? "empty" : content.includes("(") ? "call" : content.includes("|") ? "filter" : "syntax"

/** Returns the part for braces without a path. `rest` is the text after them, up to the next opening braces. */
const malformed = (rest: string): Malformed => {
  const brace = rest.search(/[{}]/)
  const single = brace !== -1 && rest[brace] === "}" && rest[brace + 1] !== "}"
  const close = brace === -1 || single ? -1 : rest.indexOf("}}", brace)
  if (close !== -1) {
    return { _tag: "Malformed", text: `{{${rest.slice(0, close + 2)}`, problem: problemOf(rest.slice(0, close)) }
  }
  // one closing brace is taken for two that were meant; without any, the template goes on to the end of its line
  const line = rest.search(/\n|$/)
  return {
    _tag: "Malformed",
    text: `{{${rest.slice(0, single && brace < line ? brace + 1 : line)}`,
    problem: "unclosed"
  }
}

/** Reads a part that begins with two opening braces. */
const braces = (template: string, start: number): Path | Malformed => {
  const found = scan(template, skipSpace(template, start + 2))
  if (found !== undefined) {
    const end = skipSpace(template, found.end)
    if (template.startsWith("}}", end)) {
      const text = template.slice(start, end + 2)
      return isNamespace(found.name)
        ? { _tag: "Path", text, namespace: found.name, keys: found.keys }
        : { _tag: "Malformed", text, problem: "namespace" }
    }
  }
  const next = template.indexOf("{{", start + 2)
  return malformed(template.slice(start + 2, next === -1 ? template.length : next))
}

/** Parses a template. Every text is a template: the result has a {@link Malformed} part for each fault. */
export const parse = (template: string): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  let offset = 0
  while (offset < template.length) {
    const found = template.indexOf("{{", offset)
    let start = found === -1 ? template.length : found
    while (template[start + 2] === "{") start++
    if (start > offset) segments.push({ _tag: "Literal", text: template.slice(offset, start) })
    if (start === template.length) break
    const segment = braces(template, start)
    segments.push(segment)
    offset = start + segment.text.length
  }
  return segments
}
