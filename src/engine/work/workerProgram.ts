/**
 * Finds the program file of worker processes, when the first worker starts.
 *
 * @internal
 */
import { existsSync } from "node:fs"
// no import named createRequire: applications bundled by esbuild often declare that name themselves
import * as nodeModule from "node:module"
import { fileURLToPath } from "node:url"

/** The export of this package with the program. */
const specifier = "effect-evals/worker"

/** The path of this file in the package, in its sources and built. In a bundle the path is different. */
const own = /\/engine\/work\/workerProgram\.(ts|js)$/

/** The file that this code was loaded from. Bundlers that write CommonJS leave `import.meta.url` out. */
const here: string | undefined = import.meta.url

/** Resolves {@link specifier} from a file. Returns undefined if the package is not installed there. */
const resolveFrom = (from: string): string | undefined => {
  try {
    return nodeModule.createRequire(from).resolve(specifier)
  } catch {
    return undefined
  }
}

/** Whether the text is a file URL, as `import.meta.resolve` returns them. */
const isFileUrl = (text: string): boolean => text.startsWith("file:")

/** Returns the path of the program that the user names by a path or a file URL. */
const namedPath = (named: string | URL): string =>
  typeof named !== "string" || isFileUrl(named) ? fileURLToPath(named) : named

/** Finds the program beside this file, otherwise in the installed package. */
const foundPath = (): string | undefined => {
  const extension = here === undefined ? undefined : own.exec(here)?.[1]
  if (here !== undefined && extension !== undefined) return fileURLToPath(new URL(`./worker.${extension}`, here))
  return resolveFrom(here ?? process.argv[1] ?? `${process.cwd()}/`)
}

/**
 * Returns the path of the program that workers run. If there is none, throws an error with advice.
 */
export const workerProgram = (named: string | URL | undefined): string => {
  const path = named === undefined ? foundPath() : namedPath(named)
  if (path === undefined) {
    throw new Error(
      `the worker program was not found: this is a bundle, and no package "effect-evals" is installed beside it. ` +
        `Bundle "${specifier}" into a file of its own, and name that file in the option "worker" of the engine, ` +
        `for example EvalsEngine.layerSqlite({ filename, worker }).`
    )
  }
  if (!existsSync(path)) throw new Error(`the worker program ${path} does not exist.`)
  return path
}
