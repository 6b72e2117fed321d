/**
 * The operations of an engine, for the server and the command. Applications use them through a client.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type * as Projects from "../../store/Projects.ts"
import type { Changes } from "../runs/Changes.ts"
import type { Executor } from "../runs/Executor.ts"
import { IdGenerator } from "../texts/IdGenerator.ts"
import * as Evals from "./evals.ts"
import * as Files from "./files.ts"
import * as Graders from "./graders.ts"
import * as OutputItems from "./outputItems.ts"
import * as Retry from "./retry.ts"
import * as Runs from "./runs.ts"
import type { Sweeper } from "./Sweeper.ts"
import type { Workers } from "../work/Workers.ts"

/** Finds the caller of a request by the project that the request names. */
export type FindCaller = (project: string | undefined) => Effect.Effect<Projects.Caller, SqlError>

/** The operations of the API. Each is given the caller. Answers are JSON as it is served. */
export interface EngineOperations
  extends
    Evals.Operations,
    Runs.Operations,
    Retry.Operations,
    OutputItems.Operations,
    Files.Operations,
    Graders.Operations {
  /**
   * Finds the caller of a request: the caller of the project that the request names if the database has this project,
   * and the engine's own caller otherwise.
   */
  readonly caller: FindCaller
  /** The id of this engine. Each start of an engine has another one. */
  readonly instance: Effect.Effect<string>
  /** Makes an id for a request. */
  readonly requestId: Effect.Effect<string>
}

/** The services of an engine. */
export type Needs = SqlClient.SqlClient | Workers | IdGenerator | Executor | Changes | Sweeper

/** Makes the operations over the services. */
export const make = (caller: FindCaller): Effect.Effect<EngineOperations, never, Needs | Scope.Scope> =>
  Effect.gen(function* () {
    const ids = yield* IdGenerator
    return {
      ...(yield* Evals.make),
      ...(yield* Runs.make),
      ...(yield* Retry.make),
      ...(yield* OutputItems.make),
      ...(yield* Files.make),
      ...(yield* Graders.make),
      caller,
      instance: yield* Effect.cached(ids.next("instance_")),
      requestId: ids.next("req_")
    }
  })
