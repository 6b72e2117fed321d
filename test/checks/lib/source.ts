import { globSync, readFileSync } from "node:fs"
import { posix } from "node:path"
import { type ESTree, parseSync, Visitor, type VisitorObject } from "rolldown/utils"

/** A file of the project: its path relative to the root, with forward slashes, and its text. */
export interface File {
  readonly path: string
  readonly text: string
}

/** Something to mend: where, what, how. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/** One `import`, `export … from`, `import()` or `import("…")` type. */
export interface Reference {
  readonly specifier: string
  readonly offset: number
  /** Erased when the sources are compiled: no module is loaded for it. */
  readonly typeOnly: boolean
}

export interface Source extends File {
  readonly program: ESTree.Program
  readonly comments: ReadonlyArray<{
    readonly type: "Line" | "Block"
    readonly value: string
    readonly start: number
    readonly end: number
  }>
  readonly references: ReadonlyArray<Reference>
}

export const readFiles = (root: string, pattern: string): Array<File> =>
  globSync(pattern, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(posix.join(root, path), "utf8") }))

export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split("\n").length

/** Calls the visitor's functions with the nodes of their kinds. */
export const visit = (source: Source, visitor: VisitorObject): void => new Visitor(visitor).visit(source.program)

/** Parses a file; a syntax error is thrown with its place. */
export const parse = (file: File): Source => {
  const { comments, errors, program } = parseSync(file.path, file.text)
  const error = errors[0]
  if (error !== undefined) {
    throw new Error(`${file.path}: ${error.message}\n${error.codeframe ?? ""}`)
  }
  const references: Array<Reference> = []
  const refer = (source: ESTree.Expression | null, typeOnly: boolean) => {
    if (source?.type === "Literal" && typeof source.value === "string") {
      references.push({ specifier: source.value, offset: source.start, typeOnly })
    }
  }
  const source: Source = { ...file, program, comments, references }
  visit(source, {
    ImportDeclaration: (node) => refer(node.source, node.importKind === "type"),
    ExportNamedDeclaration: (node) => refer(node.source, node.exportKind === "type"),
    ExportAllDeclaration: (node) => refer(node.source, node.exportKind === "type"),
    ImportExpression: (node) => refer(node.source, false),
    TSImportType: (node) => refer(node.source, true)
  })
  return source
}

/** The path that a relative import names, relative to the root. */
export const resolve = (from: string, specifier: string): string => posix.join(posix.dirname(from), specifier)

export const print = (finding: Finding): string => `${finding.path}:${finding.line} ${finding.message}`
