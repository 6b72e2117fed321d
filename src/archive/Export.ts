/** Exports an archive as plain files. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import { kinds } from "../store/Objects.ts"
import type { Sql } from "../store/Sql.ts"
import type { Database } from "./Database.ts"
import { ExportError, notWritten } from "./ExportError.ts"
import { exportContents } from "./exportContents.ts"
import { exportObjects } from "./exportObjects.ts"
import * as Output from "./Output.ts"
import * as ProjectFiles from "./ProjectFiles.ts"
import { provideDatabase } from "./provideDatabase.ts"
import type { Wrong } from "./Verify.ts"

export type { Written } from "./Output.ts"

/**
 * The export of one project.
 *
 * @category models
 * @since 0.1.0
 */
export interface ProjectExport {
  readonly name: string
  readonly host: string | null
  /** The folder of its files, relative to the folder of the export. Empty if it is the only project. */
  readonly folder: string
  readonly evals: number
  readonly runs: number
  readonly output_items: number
  readonly files: number
  /** The number of file contents. */
  readonly contents: number
  /** The number of older versions: an object that changed between two archives has one for each change. */
  readonly superseded: number
  /** The number of objects whose text has line breaks. Their exact texts are in `multiline`. */
  readonly multiline: number
}

/**
 * The manifest of an export. `manifest.json` has the same content.
 *
 * @category models
 * @since 0.1.0
 */
export interface Manifest {
  readonly format: "effect-evals-export"
  readonly version: 1
  /** Unix seconds. */
  readonly exported_at: number
  readonly projects: ReadonlyArray<ProjectExport>
  /** All written files except the manifest. */
  readonly files: ReadonlyArray<Output.Written>
  /** Texts and contents whose hash differs from the hash of what was received. They are exported unchanged. */
  readonly problems: ReadonlyArray<Wrong>
}

const exportProject = (files: ProjectFiles.ProjectFiles, folder: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const index = yield* files.open("index.jsonl")
      for (const kind of kinds) yield* exportObjects(files, index, kind, false)
      for (const kind of kinds) yield* exportObjects(files, index, kind, true)
      yield* files.finish(index)
      yield* Effect.scoped(exportContents(files))
      const { host, name } = files.project
      return { name, host, folder, ...files.counts }
    })
  )

// all projects, or the one that was asked for
const projectsOf = (name: string | undefined): Sql<ReadonlyArray<ProjectFiles.Project>, SqlError | ExportError> =>
  Effect.gen(function* () {
    const sql = yield* SqlClient.SqlClient
    const all = yield* sql<ProjectFiles.Project>`SELECT project, name, host FROM projects ORDER BY project`
    const chosen = all.filter((project) => name === undefined || project.name === name)
    if (chosen.length > 0) return chosen
    const names = all.map((project) => project.name).join(", ")
    return yield* new ExportError({
      reason: "NoProject",
      message:
        all.length === 0
          ? "nothing was archived into this file yet"
          : `there is no project ${name} in this file; it holds ${names}`
    })
  })

const prepare = (out: string, force: boolean) =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const manifest = path.join(out, "manifest.json")
    yield* Effect.mapError(fs.makeDirectory(out, { recursive: true }), notWritten(out))
    if (!force && (yield* Effect.mapError(fs.readDirectory(out), notWritten(out))).length > 0) {
      return yield* new ExportError({
        reason: "NotEmpty",
        message: `${out} is not empty; name another folder, or say --force (option force) to write over it`
      })
    }
    // removed first, so that an export that stops half-way is not taken for complete
    yield* Effect.mapError(fs.remove(manifest, { force: true }), notWritten(manifest))
  })

/**
 * Exports an archive as files: one line of JSON for each object, the contents of files, older versions, and a manifest
 * with the hash of each file. `docs/archive.md` describes the files. Memory use does not depend on the size of the
 * archive.
 *
 * **Example** (Into a folder)
 *
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Database, exportTo } from "effect-evals/archive"
 *
 * export const program = exportTo({ out: "export" }).pipe(
 *   Effect.provide(Database.layer({ filename: "evals.db", readonly: true })),
 *   Effect.provide(NodeServices.layer)
 * )
 * ```
 *
 * @category operations
 * @since 0.1.0
 */
export const exportTo = (options: {
  /** The folder to write to. It is created if it does not exist. */
  readonly out: string
  /** Only this project. Default: all projects. Each has its own subfolder if there are several. */
  readonly project?: string | undefined
  /** Whether a folder that is not empty may be written to. Default false. */
  readonly force?: boolean | undefined
}): Effect.Effect<Manifest, ExportError | SqlError, Database | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const projects = yield* projectsOf(options.project)
    yield* prepare(options.out, options.force ?? false)
    const written: Array<Output.Written> = []
    const problems: Array<Wrong> = []
    const exported: Array<ProjectExport> = []
    for (const project of projects) {
      const folder = projects.length === 1 ? "" : `${project.project}-${Output.safeName(project.name, "project")}`
      const files = ProjectFiles.make({ project, out: options.out, folder, written, problems })
      exported.push(yield* exportProject(files, folder))
    }
    const manifest: Manifest = {
      format: "effect-evals-export",
      version: 1,
      exported_at: Math.floor((yield* Clock.currentTimeMillis) / 1000),
      projects: exported,
      files: written,
      problems
    }
    yield* Effect.scoped(
      Effect.gen(function* () {
        const output = yield* Output.open(options.out, "manifest.json")
        yield* output.write(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`))
        yield* output.finish
      })
    )
    return manifest
  }).pipe(provideDatabase)
