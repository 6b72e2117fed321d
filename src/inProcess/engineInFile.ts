/**
 * An engine over a database file.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Engine from "../engine/Engine.ts"
import type { ProjectError } from "../engine/project.ts"
import * as Lock from "../store/Lock.ts"
import { newest } from "../store/migrations.ts"
import * as Sqlite from "../store/Sqlite.ts"

/** An engine and its database. `prepare` runs once the file is open and before the engine is made. */
export const layer = <E>(
  file: Sqlite.Options,
  prepare: Effect.Effect<void, E, SqlClient.SqlClient | Scope.Scope>,
  options: Engine.Options
): Layer.Layer<Engine.EvalsEngine | SqlClient.SqlClient, E | ProjectError | SqlError | Sqlite.DatabaseError> =>
  Engine.layer(options).pipe(
    Layer.provideMerge(Layer.effectDiscard(prepare)),
    Layer.provideMerge(Sqlite.layer(file, newest))
  )

/**
 * An engine that resumes the runs of an earlier process. It is refused while another process works on the file, which
 * could be executing these runs. Once it is made, commands may work beside it.
 */
export const alone = <A, E>(filename: string, engine: Layer.Layer<A, E>): Layer.Layer<A, E | Sqlite.DatabaseError> =>
  Layer.unwrap(
    Effect.gen(function* () {
      // opened first: a lock file must not be created beside a file that is no database of the engine
      yield* Effect.scoped(Layer.build(Sqlite.layer({ filename }, newest)))
      const { admit } = yield* Lock.alone(filename)
      return Layer.tap(engine, () => admit)
    })
  )
