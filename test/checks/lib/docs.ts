import type { ESTree } from "rolldown/utils"
import { type File, type Finding, lineAt, parse, resolve, type Source, visit } from "./source.ts"

type Kind = "function" | "service" | "class" | "schema" | "value" | "type"

interface Rule {
  readonly files: RegExp
  readonly kinds: ReadonlyArray<Kind>
  readonly needs: "docblock" | "example"
}

/** What users can reach must be described; what they start from must be shown. */
const rules: ReadonlyArray<Rule> = [
  { files: /./, kinds: ["function", "service", "class", "schema", "value", "type"], needs: "docblock" },
  {
    files: /^src\/(?:(?:archive|engine\/models|inProcess|server|testing\/engine)\/)?[A-Z]\w*\.ts$/,
    kinds: ["function", "service"],
    needs: "example"
  }
]

/** The modules that everything public is reached from. */
const entries = [
  "src/index.ts",
  "src/archive/index.ts",
  "src/inProcess/index.ts",
  "src/server/index.ts",
  "src/testing/index.ts",
  "src/testing/engine/index.ts"
]

/** A fenced `ts` block, and the line that its first line of code is on. */
export interface Example {
  readonly path: string
  readonly line: number
  readonly code: string
  /** What the `text` block behind it says that it prints, where its fence says `ts run`. */
  readonly prints?: string
}

const fence = /^( *)```ts\b([^\n]*)\n([\s\S]*?)^ *```/gm

const printed = /^```text\n([\s\S]*?)^```/m

const blocks = (path: string, text: string, firstLine: number): Array<Example> =>
  Array.from(text.matchAll(fence), (match) => ({
    path,
    line: firstLine + lineAt(text, match.index),
    code: (match[3] ?? "").replaceAll(new RegExp(`^${match[1]}`, "gm"), ""),
    ...(match[2]?.trim() === "run" ? { prints: printed.exec(text.slice(match.index))?.[1] ?? "" } : {})
  }))

/** The text of a docblock, a line for a line, without the stars. */
const plain = (comment: string): string => comment.replaceAll(/^[ \t]*\* ?/gm, "")

const isDocblock = (comment: { readonly type: string; readonly value: string }): boolean =>
  comment.type === "Block" && comment.value.startsWith("*")

/** All `ts` blocks of a Markdown file, or of the docblocks of a TypeScript file. */
export const examplesOf = (file: File): Array<Example> =>
  file.path.endsWith(".md")
    ? blocks(file.path, file.text, 1)
    : parse(file)
        .comments.filter(isDocblock)
        .flatMap((comment) => blocks(file.path, plain(comment.value), lineAt(file.text, comment.start)))

/** Links of a Markdown file that lead to a file of the project, or to a heading. */
export const linksOf = ({ text }: File): ReadonlyArray<{ readonly line: number; readonly target: string }> =>
  text
    .split("\n")
    .flatMap((line, index) =>
      Array.from(line.matchAll(/\]\(((?!https?:)[^()\s]+)\)/g), ([, target = ""]) => ({ line: index + 1, target }))
    )

/** The anchors of a Markdown file's headings, as GitHub makes them. */
export const anchorsOf = ({ text }: File): ReadonlySet<string> =>
  new Set(
    Array.from(text.matchAll(/^#+ +(.*)$/gm), ([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-")
    )
  )

interface Declared {
  readonly name: string
  readonly kind: Kind
  readonly offset: number
  readonly docblock: string | undefined
}

/** The docblock that ends right before an offset. */
const docblockBefore = (source: Source, offset: number): string | undefined => {
  const comment = source.comments.findLast(({ end }) => end <= offset)
  return comment !== undefined && isDocblock(comment) && source.text.slice(comment.end, offset).trim() === ""
    ? plain(comment.value)
    : undefined
}

const textOf = (source: Source, node: ESTree.Node | null): string =>
  node === null ? "" : source.text.slice(node.start, node.end)

/** Whether an expression makes a schema: with a constructor of Effect's, or one of `schema/Wire.ts`. */
const isSchema = (code: string): boolean => /^(?:Schema\.(?:[A-Z]\w*\b)|open\(|openLiterals\(|maybe\()/.test(code)

const kindOfVariable = (source: Source, { id, init }: ESTree.VariableDeclarator): Kind => {
  const type = id.typeAnnotation?.typeAnnotation
  const callable =
    type?.type === "TSFunctionType" ||
    (type?.type === "TSTypeLiteral" && type.members.some((member) => member.type === "TSCallSignatureDeclaration")) ||
    init?.type === "ArrowFunctionExpression" ||
    init?.type === "FunctionExpression" ||
    (init?.type === "CallExpression" && /^(?:Effect\.fn|(?:Function\.)?dual\b)/.test(textOf(source, init.callee)))
  return callable ? "function" : isSchema(textOf(source, init)) ? "schema" : "value"
}

/** The names that one statement declares. `outer` is the `export` around it, which the docblock stands before. */
const declaredBy = (source: Source, node: ESTree.Node, outer: ESTree.Node): Array<Declared> => {
  const declared = (name: string, kind: Kind): Declared => ({
    name,
    kind,
    offset: outer.start,
    docblock: docblockBefore(source, outer.start)
  })
  switch (node.type) {
    case "VariableDeclaration":
      return node.declarations.flatMap((declarator) =>
        declarator.id.type === "Identifier" ? [declared(declarator.id.name, kindOfVariable(source, declarator))] : []
      )
    case "FunctionDeclaration":
    case "TSDeclareFunction":
      return node.id === null ? [] : [declared(node.id.name, "function")]
    case "ClassDeclaration": {
      const service = textOf(source, node.superClass).startsWith("Context.Service")
      return node.id === null ? [] : [declared(node.id.name, service ? "service" : "class")]
    }
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return [declared(node.id.name, "type")]
    default:
      return []
  }
}

const nameOf = (node: ESTree.ModuleExportName): string => (node.type === "Literal" ? node.value : node.name)

/** Everything that users can reach from the entries, by file. */
const publicDeclarations = (sources: ReadonlyMap<string, Source>): Map<Source, Array<Declared>> => {
  const found = new Map<Source, Array<Declared>>()
  const seen = new Set<string>()

  const reach = (path: string, only: string | undefined): void => {
    const source = sources.get(path)
    const key = `${path} ${only ?? "*"}`
    if (source === undefined || seen.has(key)) {
      return
    }
    seen.add(key)
    const wanted = (name: string) => only === undefined || only === name
    const keep = (declared: ReadonlyArray<Declared>) => {
      const kept = declared.filter(({ name }) => wanted(name))
      found.set(source, [...(found.get(source) ?? []), ...kept])
    }
    for (const node of source.program.body) {
      if (node.type === "ExportAllDeclaration") {
        if (node.exported === null) {
          reach(resolve(path, node.source.value), only)
        } else if (wanted(nameOf(node.exported))) {
          reach(resolve(path, node.source.value), undefined)
        }
      } else if (node.type === "ExportNamedDeclaration") {
        if (node.declaration !== null) {
          keep(declaredBy(source, node.declaration, node))
        }
        for (const { exported, local } of node.specifiers) {
          if (wanted(nameOf(exported))) {
            reachLocal(source, nameOf(local), node.source?.value, keep)
          }
        }
      }
    }
  }

  /** `export { name }`, with or without `from`: the name is declared here, imported here, or lies in another file. */
  const reachLocal = (
    source: Source,
    name: string,
    from: string | undefined,
    keep: (declared: ReadonlyArray<Declared>) => void
  ): void => {
    if (from !== undefined) {
      reach(resolve(source.path, from), name)
      return
    }
    for (const node of source.program.body) {
      keep(declaredBy(source, node, node).filter((declared) => declared.name === name))
      if (node.type === "ImportDeclaration") {
        for (const specifier of node.specifiers) {
          if (specifier.local.name === name) {
            const imported = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : undefined
            reach(resolve(source.path, node.source.value), imported)
          }
        }
      }
    }
  }

  for (const entry of entries) {
    reach(entry, undefined)
  }
  return found
}

/** The values of `@category`, as Effect names them where it has the thing. */
export const categories: ReadonlySet<string> = new Set([
  "combinators",
  "constants",
  "constructors",
  "errors",
  "getters",
  "guards",
  "layers",
  "models",
  "operations",
  "options",
  "policies",
  "references",
  "schemas",
  "services",
  "streams",
  "testing"
])

/** Returns what is wrong with the words and the tags of a docblock. */
const wrongDoc = (doc: string): string | undefined => {
  if (/^\s*What\b/.test(doc)) return "a docblock that begins with a verb or a noun, not with What"
  const category = /^@category (.*)$/m.exec(doc)?.[1]
  if (category === undefined) return `@category, one of ${[...categories].join(", ")}`
  if (!categories.has(category)) return `another @category than "${category}": one of ${[...categories].join(", ")}`
  return /^@since \d+\.\d+\.\d+$/m.test(doc) ? undefined : "@since with the version that it came with"
}

/** Public names whose docblock lacks what the rules ask for. A constant and a type of one name share a docblock. */
export const checkDocblocks = (
  files: ReadonlyArray<File>
): { readonly names: number; readonly findings: Array<Finding> } => {
  const sources = new Map(files.map((file) => [file.path, parse(file)]))
  const findings: Array<Finding> = []
  let names = 0
  for (const [source, declared] of publicDeclarations(sources)) {
    const need = ({ kind, name, offset }: Declared, what: string) =>
      findings.push({
        path: source.path,
        line: lineAt(source.text, offset),
        message: `${name} (public ${kind}) needs ${what}`
      })
    for (const [name, group] of Map.groupBy(declared, ({ name }) => name)) {
      names++
      const docs = group.flatMap(({ docblock }) => docblock ?? [])
      if (docs.some((doc) => /^@internal\b/m.test(doc))) {
        continue
      }
      const first = group[0]
      const missing = rules.find(
        ({ files: applies, kinds, needs }) =>
          applies.test(source.path) &&
          group.some(({ kind }) => kinds.includes(kind)) &&
          !docs.some((doc) => needs === "docblock" || doc.includes("```ts"))
      )
      if (first !== undefined && missing !== undefined) {
        const how = missing.needs === "docblock" ? "a docblock /** … */ right before it" : "an example in a ```ts block"
        need(first, how)
      }
      for (const one of group) {
        const lacking = one.docblock === undefined ? undefined : wrongDoc(one.docblock)
        if (lacking !== undefined) need(one, lacking)
        if (one.kind === "schema" && group.every(({ kind }) => kind !== "type")) {
          need(one, `its type under the same name: export type ${name} = typeof ${name}.Type`)
        }
      }
    }
  }
  return { names, findings }
}

const literalOf = (node: ESTree.Node | undefined): string | undefined =>
  node?.type === "Literal" && typeof node.value === "string"
    ? node.value
    : node?.type === "TemplateLiteral" && node.expressions.length === 0
      ? (node.quasis[0]?.value.cooked ?? undefined)
      : undefined

/**
 * The full names of the tests of a file, as vitest has them: those of the suites around, then its own. A name that is
 * put together when the tests run is left out.
 */
export const testNamesOf = (file: File): ReadonlySet<string> => {
  const source = parse(file)
  const names = new Set<string>()
  const around: Array<string> = []
  const suites = new Set<ESTree.Node>()
  visit(source, {
    CallExpression: (node) => {
      const callee = textOf(source, node.callee)
      const name = literalOf(node.arguments[0])
      if (name === undefined) return
      if (/^it(?:\.\w+)*$/.test(callee)) names.add([...around, name].join(" "))
      else if (/^(?:describe|layer\b[^]*\))$/.test(callee)) {
        around.push(name)
        suites.add(node)
      }
    },
    "CallExpression:exit": (node) => {
      if (suites.has(node)) around.pop()
    }
  })
  return names
}
