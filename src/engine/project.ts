/**
 * The choice of the project whose objects an engine serves.
 */
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Projects from "../store/Projects.ts"

/**
 * The projects that an engine may create if the database does not hold them: any named project, only the first one of a
 * database, or none. The command uses `first`, since a mistyped name would add a second project to an archive.
 */
export type Creates = "any" | "first" | "none"

/** No project is named and the database holds several, or the named one is not among them. */
export class ProjectError extends Data.TaggedError("ProjectError")<{
  /** The name that was asked for. */
  readonly name: string | undefined
  /** The names of the projects in the database. */
  readonly known: ReadonlyArray<string>
}> {}

/** A project of the database. */
export interface Project {
  readonly name: string
  /** The number of the project in the database. No project has the number 0. */
  readonly project: number
}

/**
 * Finds the named project, or the only one if no name is given. The project of a database without projects has the number
 * 0 if none may be created: such a database holds no objects.
 */
export const choose = (
  name: string | undefined,
  creates: Creates
): Effect.Effect<Project, ProjectError | SqlError, SqlClient.SqlClient> =>
  Effect.gen(function* () {
    const projects = yield* Projects.all
    const known = [...projects.keys()]
    const wanted = name ?? (known.length > 1 ? undefined : (known[0] ?? Projects.defaultName))
    if (wanted === undefined) return yield* new ProjectError({ name, known })
    const found = projects.get(wanted)
    if (found !== undefined) return { name: wanted, project: found }
    if (creates === "any" || (creates === "first" && known.length === 0)) {
      const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
      return { name: wanted, project: yield* Projects.findOrCreate(wanted, now) }
    }
    return name === undefined ? { name: wanted, project: 0 } : yield* new ProjectError({ name, known })
  })
