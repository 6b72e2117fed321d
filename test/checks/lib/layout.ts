import { type File, type Finding, lineAt, parse, resolve, type Source, visit } from "./source.ts"

/** A leaf module of Effect's core, such as `effect/Schema`: no barrel, no folder. */
const core = /^effect\/[A-Z]\w*$/
const http = /^effect\/http\/[A-Z]\w*$/
const anyLeaf = /^effect\/(?:[a-z-]+\/)?[A-Z]\w*$/
const node = /^node:/

interface Part {
  readonly name: string
  /** Paths below src/. The first part that matches owns the file. */
  readonly files: RegExp
  /** Other parts that it may import; its own always. */
  readonly parts: ReadonlyArray<string>
  /** Packages that it may import. */
  readonly packages: ReadonlyArray<RegExp>
}

const client = ["schema", "internal", "client"]
const all = [...client, "report", "store", "engine", "server", "inProcess", "archive", "testing", "testing/engine"]

/** Who may import whom. A new folder below src/ needs a row here. */
export const parts: ReadonlyArray<Part> = [
  // The wire contract does no I/O, so it does without the HTTP modules too.
  { name: "schema", files: /^schema\//, parts: [], packages: [core] },
  { name: "internal", files: /^internal\//, parts: client, packages: [core, http] },
  { name: "client", files: /^\w+\.ts$/, parts: client, packages: [core, http] },
  // The report of a run as a value, for the command, JSON and HTML.
  { name: "report", files: /^report\//, parts: ["schema"], packages: [core] },
  {
    name: "store",
    files: /^store\//,
    parts: ["schema"],
    packages: [core, /^effect\/(?:sql|reactivity)\/[A-Z]\w*$/, node]
  },
  // The one room of the engine that talks HTTP.
  {
    name: "engine",
    files: /^engine\/models\//,
    parts: ["schema", "store"],
    packages: [core, http, /^effect\/persistence\/[A-Z]\w*$/]
  },
  {
    name: "engine",
    files: /^engine\//,
    parts: ["schema", "store"],
    packages: [
      core,
      /^effect\/(?:crypto|persistence|encoding|process|sql)\/[A-Z]\w*$/,
      node,
      /^(?:ajv|ajv-formats|pyodide)(?:\/|$)/
    ]
  },
  // The Node server; the rest of the server runs on any platform.
  {
    name: "server",
    files: /^server\/Node\w*\.ts$/,
    parts: ["schema", "store", "engine"],
    packages: [anyLeaf, node, /^@effect\/platform-node(?:\/|$)/]
  },
  { name: "server", files: /^server\//, parts: ["schema", "store", "engine"], packages: [anyLeaf] },
  // The engine in one layer, with the client that talks to it: the one place where both meet.
  {
    name: "inProcess",
    files: /^inProcess\//,
    parts: [...client, "store", "engine", "server"],
    packages: [anyLeaf]
  },
  { name: "archive", files: /^archive\//, parts: ["schema", "client", "store"], packages: [anyLeaf, node] },
  // Apart from the rest of testing, so that tests of a client load no engine.
  { name: "testing/engine", files: /^testing\/engine(?:\/|\.ts$)/, parts: all, packages: [anyLeaf] },
  { name: "testing", files: /^testing\//, parts: client, packages: [anyLeaf] },
  { name: "cli", files: /^cli\//, parts: all, packages: [anyLeaf, node, /^@effect\/platform-node(?:\/|$)/] }
]

/**
 * The rooms of the engine, from the top floor down. A room imports from the rooms below it; the files of `engine/`
 * itself stand above all rooms.
 */
const rooms = ["operations", "runs", "work", "models", "python", "graders", "sources", "schemas", "rows", "texts"]

/** The floor of a file of the engine, from 0 at the top; undefined for other files, and -1 for a room that has no floor. */
const floorOf = (path: string): number | undefined => {
  if (!path.startsWith("src/engine/")) return undefined
  const [room = "", ...inside] = path.slice("src/engine/".length).split("/")
  return inside.length === 0 ? 0 : rooms.indexOf(room) + 1 || -1
}

/** Parts that run in browsers, Deno, Bun and workers as well as in Node. */
const portable = new Set(["schema", "internal", "client", "testing"])

/** Values of the platform that hide time, chance or the machine from tests, and what to use. */
const ambient: Readonly<Record<string, string>> = {
  "Date.now": "Clock.currentTimeMillis",
  "Math.random": "Random",
  "crypto.randomUUID": "Random, or an id generator service",
  "crypto.getRandomValues": "Random",
  "performance.now": "Clock.currentTimeNanos",
  setTimeout: "Effect.sleep or a Schedule",
  setInterval: "Schedule",
  setImmediate: "Effect.yieldNow",
  queueMicrotask: "Effect.yieldNow"
}

/** The largest number of lines of a file. */
const maxLines = { src: 300, test: 400 }

const partOf = (path: string): Part | undefined => parts.find((part) => part.files.test(path.replace(/^src\//, "")))

type Report = (offset: number, message: string) => void

const checkFloors = (from: string, to: string, report: (message: string) => void) => {
  const [floor, below] = [floorOf(from), floorOf(to)]
  if (floor === undefined || below === undefined) return
  if (floor === -1) {
    report("the folder is no room of the engine: add it to the floors in test/checks/lib/layout.ts")
  } else if (below !== -1 && below < floor) {
    report(`the room of ${to} lies above: move what both need to a lower room, or pass it in`)
  }
}

const checkImports = (source: Source, part: Part, report: Report) => {
  for (const { offset, specifier } of source.references) {
    if (specifier.startsWith(".")) {
      const target = resolve(source.path, specifier)
      const owner = partOf(target)
      if (!specifier.endsWith(".ts")) {
        report(offset, `"${specifier}": a relative import ends in .ts, as Node runs the sources`)
      } else if (!target.startsWith("src/")) {
        report(offset, `"${specifier}": src imports nothing outside src`)
      } else if (owner !== undefined && owner.name !== part.name && !part.parts.includes(owner.name)) {
        report(
          offset,
          `${part.name} may not import ${owner.name} ("${specifier}"): move the shared code to a part that both may ` +
            `import (${part.parts.join(", ") || "none"}), or turn the dependency round with a service`
        )
      } else {
        checkFloors(source.path, target, (message) => report(offset, `"${specifier}": ${message}`))
      }
    } else if (!part.packages.some((allowed) => allowed.test(specifier))) {
      const barrel = /^effect(?:\/[a-z-]+)?$/.test(specifier)
      report(
        offset,
        barrel
          ? `"${specifier}" is a barrel: import the leaf module, such as "effect/Effect" or "effect/http/HttpClient"`
          : `${part.name} may not import "${specifier}" (packages of each part: test/checks/lib/layout.ts)`
      )
    }
  }
}

/** Casts and comments that switch the type checker off. */
const checkEscapes = (source: Source, report: Report, inSrc: boolean) => {
  for (const comment of source.comments) {
    const directive = /^[\s*]*(@ts-(?:ignore|nocheck|expect-error))/.exec(comment.value)?.[1]
    // A test may say that something must not compile; sources may not.
    if (directive !== undefined && (inSrc || directive !== "@ts-expect-error")) {
      report(comment.start, `${directive}: mend the types instead`)
    }
  }
  visit(source, {
    TSAsExpression: ({ expression, start, typeAnnotation }) => {
      if (typeAnnotation.type === "TSAnyKeyword") {
        report(start, "`as any`: decode, narrow or annotate instead")
      } else if (typeAnnotation.type === "TSNeverKeyword" && inSrc) {
        report(start, "`as never`: make the types agree instead")
      } else if (
        expression.type === "TSAsExpression" &&
        (expression.typeAnnotation.type === "TSUnknownKeyword" || expression.typeAnnotation.type === "TSNeverKeyword")
      ) {
        report(start, "a cast through `unknown`: decode with a Schema or narrow instead")
      }
    },
    TSTypeAssertion: ({ start }) => report(start, "`<T>value`: write `value as T`, or better, narrow")
  })
}

const checkAmbient = (source: Source, part: Part, report: Report) => {
  const refuse = (name: string, offset: number) => {
    const instead = Object.hasOwn(ambient, name) ? ambient[name] : undefined
    if (instead !== undefined) {
      report(offset, `${name}: use ${instead}, so that a test decides`)
    }
  }
  visit(source, {
    MemberExpression: ({ object, property, start }) => {
      if (object.type === "Identifier" && property.type === "Identifier") {
        refuse(`${object.name}.${property.name}`, start)
        if (portable.has(part.name) && (object.name === "process" || object.name === "Buffer")) {
          report(start, `${object.name} exists in Node only, and ${part.name} runs anywhere`)
        }
      }
    },
    CallExpression: ({ callee, start }) => {
      if (callee.type === "Identifier") {
        refuse(callee.name, start)
      }
    },
    NewExpression: ({ arguments: args, callee, start }) => {
      if (callee.type === "Identifier" && callee.name === "Date" && args.length === 0) {
        report(start, "new Date(): use DateTime.now, so that a test decides")
      }
    }
  })
}

/**
 * One finding for each import that closes a circle of modules that load each other. `import type` loads nothing: an
 * internal module may name the types of the public one that it works for.
 */
const checkCycles = (sources: ReadonlyArray<Source>): Array<Finding> => {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const findings: Array<Finding> = []
  const done = new Set<string>()
  const walk = (source: Source, trail: ReadonlyArray<string>) => {
    for (const { offset, specifier } of source.references.filter(({ typeOnly }) => !typeOnly)) {
      const target = specifier.startsWith(".") ? byPath.get(resolve(source.path, specifier)) : undefined
      const here = [...trail, source.path]
      if (target !== undefined && here.includes(target.path)) {
        const circle = [...here.slice(here.indexOf(target.path)), target.path]
        findings.push({
          path: source.path,
          line: lineAt(source.text, offset),
          message: `import cycle ${circle.join(" -> ")}: move what both need to a module of its own`
        })
      } else if (target !== undefined && !done.has(target.path)) {
        walk(target, here)
      }
    }
    done.add(source.path)
  }
  for (const source of sources) {
    if (!done.has(source.path)) {
      walk(source, [])
    }
  }
  return findings
}

const checkLength = ({ text }: Source, report: Report, most: number) => {
  const lines = text.trimEnd().split("\n").length
  if (lines > most) report(text.length, `${lines} lines, more than ${most}: split it by concept`)
}

/** Checks files of src against all rules, files of test against those on length and escapes, others against that on escapes. */
export const checkLayout = (files: ReadonlyArray<File>): Array<Finding> => {
  const findings: Array<Finding> = []
  const sources = files.map(parse)
  for (const source of sources) {
    const report: Report = (offset, message) =>
      findings.push({ path: source.path, line: lineAt(source.text, offset), message })
    const inSrc = source.path.startsWith("src/")
    checkEscapes(source, report, inSrc)
    if (inSrc) checkLength(source, report, maxLines.src)
    else if (source.path.startsWith("test/")) checkLength(source, report, maxLines.test)
    if (!inSrc) {
      continue
    }
    const part = partOf(source.path)
    if (part === undefined) {
      report(0, "belongs to no part: add its folder to the table in test/checks/lib/layout.ts")
      continue
    }
    checkImports(source, part, report)
    checkAmbient(source, part, report)
  }
  return [...findings, ...checkCycles(sources.filter((source) => source.path.startsWith("src/")))]
}
