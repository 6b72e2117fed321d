/**
 * The files of one exported project, and the counts of what they hold.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as FileSystem from "effect/FileSystem"
import type * as Path from "effect/Path"
import type * as Scope from "effect/Scope"
import type { Kind } from "../store/Objects.ts"
import type { ExportError } from "./ExportError.ts"
import * as Output from "./Output.ts"
import type { Wrong } from "./Verify.ts"

/** A project of the database. */
export interface Project {
  readonly project: number
  readonly name: string
  readonly host: string | null
}

/** The number of exported objects of each kind. */
export interface Counts extends Record<Kind, number> {
  contents: number
  superseded: number
  multiline: number
}

/** An export of one project in progress. */
export interface ProjectFiles {
  readonly project: Project
  readonly counts: Counts
  /** Opens a file of the project for writing. The name is relative to the project's folder. */
  readonly open: (
    name: string
  ) => Effect.Effect<Output.Output, ExportError, FileSystem.FileSystem | Path.Path | Scope.Scope>
  /** Finishes a file and adds it to the manifest. */
  readonly finish: (output: Output.Output) => Effect.Effect<Output.Written, ExportError>
  /** Adds an object whose stored text or content differs from what was received to the manifest. */
  readonly problem: (problem: Omit<Wrong, "project">) => void
  /** Chooses the name of the file for a content. */
  readonly contentPath: (id: string, filename: string) => string
  /** Returns the name that {@link contentPath} chose for a file. */
  readonly contentPathOf: (id: string) => string | undefined
}

/** Starts an export into a folder below `out`. Adds to the lists of the manifest. */
export const make = (options: {
  readonly project: Project
  readonly out: string
  /** Relative to `out`. Empty: `out` itself. */
  readonly folder: string
  readonly written: Array<Output.Written>
  readonly problems: Array<Wrong>
}): ProjectFiles => {
  const { folder, out, problems, project, written } = options
  const contentPaths = new Map<string, string>()
  // in lower case, since some file systems ignore case
  const takenFolders = new Set<string>()
  return {
    project,
    counts: { evals: 0, runs: 0, output_items: 0, files: 0, contents: 0, superseded: 0, multiline: 0 },
    open: (name) => Output.open(out, folder === "" ? name : `${folder}/${name}`),
    finish: (output) => Effect.tap(output.finish, (file) => Effect.sync(() => void written.push(file))),
    problem: (problem) => void problems.push({ project: project.name, ...problem }),
    contentPath: (id, filename) => {
      const base = Output.safeName(id, "file")
      let own = base
      for (let n = 2; takenFolders.has(own.toLowerCase()); n++) own = `${base}~${n}`
      takenFolders.add(own.toLowerCase())
      const path = `files/${own}/${Output.safeName(filename, "content")}`
      contentPaths.set(id, path)
      return path
    },
    contentPathOf: (id) => contentPaths.get(id)
  }
}
