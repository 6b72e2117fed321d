/**
 * Checks of the templates of a definition: their syntax, and the fields that they refer to.
 *
 * @internal
 */
import * as Predicate from "effect/Predicate"
import { formatPath } from "../../schema/issues.ts"
import { graderType } from "../../schema/graders/registry.ts"
import { ofMessages, type Site } from "../../schema/templateSites.ts"
import { type Key, type Malformed, type Namespace, parse, parsePath, type Path } from "../../schema/template.ts"
import { error, field, type Finding, list, type Location, show, warning } from "../../schema/finding.ts"
import { follow } from "./jsonSchema.ts"
import { nearest } from "../../schema/nearest.ts"

/** The fields that templates may refer to. */
export interface Scope {
  readonly item: unknown
  /** `sampled`: the fields of the host's samples. `custom`: rows bring samples, which may have more fields. `none`: no sample. */
  readonly sample: "sampled" | "custom" | "none"
}

/** The fields of a sample, by the API's guide and the host's schema of samples. */
const sampleSchema = {
  type: "object",
  properties: {
    model: { type: "string" },
    choices: { type: "array" },
    output_text: { type: "string" },
    output_json: {},
    output_tools: { type: "array" },
    output_reasoning_summary: { type: ["string", "null"] },
    output_audio: { type: ["object", "null"] },
    input_tools: { type: "array" }
  }
}

const sampleFields = Object.keys(sampleSchema.properties)

// =============================================================================
// locations of templates
// =============================================================================

/** Returns the templates of testing criteria. */
export const criteriaSites = (criteria: unknown, path: Location): ReadonlyArray<Site> =>
  list(criteria).flatMap(
    (criterion, index) => graderType(field(criterion, "type"))?.templateSites?.(criterion, [...path, index]) ?? []
  )

/** Returns the templates of a run's input messages. */
export const inputSites = (inputMessages: unknown, path: Location): ReadonlyArray<Site> =>
  ofMessages(field(inputMessages, "template"), [...path, "template"])

// =============================================================================
// findings
// =============================================================================

const shown = (written: string): string => {
  const line = written.replaceAll(/\s+/g, " ")
  return line.length > 80 ? `${line.slice(0, 80)}…` : line
}

const braced = (namespace: string, keys: ReadonlyArray<Key>): string => `{{ ${formatPath([namespace, ...keys])} }}`

const inner = (malformed: Malformed): string =>
  malformed.text
    .replace(/^\{\{/, "")
    .replace(/\}\}?$/, "")
    .trim()

const unknownNamespace = (malformed: Malformed, path: Location, scope: Scope): Finding => {
  const written = inner(malformed)
  const [, name = "", rest = ""] = /^([^.[]*)(.*)$/s.exec(written) ?? []
  const properties = field(scope.item, "properties")
  const meant = nearest(name, ["item", "sample"])
  const suggestion =
    meant !== undefined
      ? `did you mean {{ ${meant}${rest} }}?`
      : sampleFields.includes(name)
        ? `did you mean {{ sample.${written} }}?`
        : Predicate.isObject(properties) && Object.hasOwn(properties, name)
          ? `did you mean {{ item.${written} }}?`
          : "write {{ item.… }} for a field of the row, {{ sample.… }} for one of the model's answer"
  return error("unknown-namespace", path, `${shown(malformed.text)} begins with neither item nor sample; ${suggestion}`)
}

const malformedMessage = (malformed: Malformed): string => {
  const written = shown(malformed.text)
  switch (malformed.problem) {
    case "unclosed":
      return parsePath(inner(malformed)) === undefined
        ? `${written} opens with {{ and has no }}; close it, or write a single brace where text is meant`
        : `${written} is not closed with }}; write {{ ${inner(malformed)} }}`
    case "empty":
      return `${written} is empty; write a path, such as {{ item.label }}`
    case "call":
      return `${written} calls a function, and templates know only paths; compute the value in a python criterion, or put it into the row`
    case "filter":
      return `${written} has a filter, and templates know only paths; compute the value in a python criterion, or put it into the row`
    default:
      return `${written} holds no path such as item.label or sample.output_tools[0].function.name; a key that is no plain word is quoted, item["unit price"], and literal text has single braces`
  }
}

const unresolved = (
  { keys, namespace, text }: Path,
  path: Location,
  scope: Scope,
  write: typeof braced
): ReadonlyArray<Finding> => {
  const dead = follow(namespace === "item" ? scope.item : sampleSchema, keys)
  if (dead === undefined) return []
  const before = keys.slice(0, dead.depth)
  const key = keys[dead.depth] ?? ""
  const at = formatPath([namespace, ...before])
  const name = typeof key === "string" ? show(key) : `[${key}]`
  const what =
    dead.because !== ""
      ? `${at} ${dead.because}`
      : namespace === "item"
        ? `${at} has no ${name} in item_schema`
        : `${at} has no field ${name} that is documented`
  const meant = typeof key === "string" ? nearest(key, dead.names) : undefined
  const known = dead.names.length > 0 && dead.names.length <= 12 ? `; known are ${dead.names.join(", ")}` : ""
  const mend =
    meant === undefined
      ? known
      : `; did you mean ${write(namespace, [...before, meant, ...keys.slice(dead.depth + 1)])}?`
  const [rule, certain] =
    namespace === "item"
      ? (["unknown-item-field", dead.certain] as const)
      : (["unknown-sample-field", scope.sample === "sampled"] as const)
  return [(certain ? error : warning)(rule, path, `${shown(text)}: ${what}${mend}`)]
}

// a whole path in single braces, or a statement of another template language
const lookAlike =
  /\{\s*((?:item|sample)(?:\.[\p{L}_][\p{L}\p{N}_-]*|\[\d{1,9}\])+)\s*\}|\{%-?\s*(?:if|for|set)\b[^%{}]{0,80}%\}/gu

const literal = (written: string, path: Location): ReadonlyArray<Finding> =>
  Array.from(written.matchAll(lookAlike), ([found, expression]) =>
    warning(
      "single-braces",
      path,
      expression === undefined
        ? `${shown(found)} stays as it is: templates have no statements, only {{ item.… }} and {{ sample.… }}`
        : `${shown(found)} stays as it is; write {{ ${expression} }} to have it filled in`
    )
  )

const checkSite = ({ path, text }: Site, scope: Scope): ReadonlyArray<Finding> =>
  parse(text).flatMap((segment) => {
    switch (segment._tag) {
      case "Literal":
        return literal(segment.text, path)
      case "Malformed":
        return segment.problem === "namespace"
          ? [unknownNamespace(segment, path, scope)]
          : [error("malformed-template", path, malformedMessage(segment))]
      case "Path":
        return segment.namespace === "sample" && scope.sample === "none"
          ? [
              warning(
                "sample-in-input",
                path,
                `${shown(segment.text)}: input messages are filled in before there is a sample; refer to item`
              )
            ]
          : unresolved(segment, path, scope, braced)
    }
  })

/** Checks templates. Returns equal findings of one template once. */
export const checkTemplates = (sites: ReadonlyArray<Site>, scope: Scope): ReadonlyArray<Finding> =>
  sites.flatMap((site) => [
    ...new Map(checkSite(site, scope).map((found) => [found.rule + found.message, found])).values()
  ])

/** Returns the first template that refers to a namespace. */
export const firstReference = (
  sites: ReadonlyArray<Site>,
  namespace: Namespace
): { readonly path: Location; readonly text: string } | undefined => {
  for (const { path, text } of sites) {
    const found = parse(text).find((segment) => segment._tag === "Path" && segment.namespace === namespace)
    if (found !== undefined) return { path, text: found.text }
  }
  return undefined
}

/** Checks `item_reference`, the path of a list of messages in the row. It has no braces. */
export const checkItemReference = (reference: unknown, path: Location, item: unknown): ReadonlyArray<Finding> => {
  if (!Predicate.isString(reference)) return []
  const bare = reference.replaceAll(/^\s*\{+\s*|\s*\}+\s*$/g, "")
  const found = parsePath(bare)
  const form = "a reference is a path without braces, such as item.messages"
  if (bare !== reference) {
    return [
      error(
        "item-reference",
        path,
        `${show(reference)} has braces; ${found === undefined ? form : `write ${show(bare)}`}`
      )
    ]
  }
  if (found === undefined || found.namespace !== "item" || found.keys.length === 0) {
    return [error("item-reference", path, `${show(reference)} names no field of the row; ${form}`)]
  }
  const bareWay = (namespace: string, keys: ReadonlyArray<Key>) => formatPath([namespace, ...keys])
  return unresolved({ _tag: "Path", text: reference, ...found }, path, { item, sample: "none" }, bareWay)
}
