/**
 * The path of the database file of a command.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import * as UserDirectories from "effect/persistence/UserDirectories"
import { systemReason } from "../store/systemReason.ts"
import type { Mode } from "./target.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

/** Returns the named file, or the default file. The folder of the default file is created if the command writes. */
export const databasePath = (
  db: Option.Option<string>,
  mode: Mode
): Effect.Effect<string, Stop, FileSystem.FileSystem | Path.Path> =>
  Option.isSome(db)
    ? Effect.succeed(db.value)
    : Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const folder = yield* UserDirectories.make().data("effect-evals")
        if (mode === "execute") {
          yield* Effect.mapError(fs.makeDirectory(folder, { recursive: true }), (error) =>
            couldNotRun(
              `The folder of the default file cannot be made, ${folder}: ${systemReason(error)}. Name a file with --db.`
            )
          )
        }
        return path.join(folder, "evals.db")
      }).pipe(
        Effect.catchTag("PlatformError", (error) =>
          Effect.fail(couldNotRun(`There is no place for the default file: ${error.message}\nName one with --db.`))
        )
      )
