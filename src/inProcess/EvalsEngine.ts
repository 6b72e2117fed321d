/**
 * The engine as a layer, and its clients within the same process.
 */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Migrator from "effect/sql/Migrator"
import type * as SqlClient from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import * as Engine from "../engine/Engine.ts"
import type { Trace } from "../engine/models/Observation.ts"
import * as Changes from "../engine/runs/Changes.ts"
import { services } from "../engine/runs/services.ts"
import { forbidden, type Rejection } from "../engine/texts/Rejection.ts"
import * as Workers from "../engine/work/Workers.ts"
import * as EvalsClient from "../EvalsClient.ts"
import * as InProcess from "../server/InProcess.ts"
import * as Server from "../server/Server.ts"
import { migrate } from "../store/migrations.ts"
import type * as Sqlite from "../store/Sqlite.ts"
import * as Client from "./client.ts"
import * as EngineInFile from "./engineInFile.ts"

export { EvalsEngine, type Service } from "../engine/Engine.ts"
export { DatabaseError } from "../store/Sqlite.ts"
export type { ClientOptions } from "./client.ts"

/**
 * The options of an engine.
 *
 * @category options
 * @since 0.1.0
 */
export interface Options {
  /**
   * The project that is served if a request names none. Default: the only project of
   * the database, or `default` in a new one.
   */
  readonly project?: string | undefined
  /**
   * The program file of the engine's worker processes: a path, or a `file:` URL as
   * `import.meta.resolve` returns it. Default: the program of the installed package.
   * A bundled application builds `effect-evals/worker` into a file of its own, and
   * names that file here.
   */
  readonly worker?: string | URL | undefined
  /** The most requests that a run sends to models. Each attempt counts. A run that needs more is canceled. */
  readonly maxRequests?: number | undefined
  /** The most tokens of a run, of prompts and answers together. A run that needs more is canceled. */
  readonly maxTokens?: number | undefined
  /**
   * The most money of a run, by the prices of the models' entries. A run that needs
   * more is canceled; one that asks a model without a price is refused.
   */
  readonly maxCost?: number | undefined
  /** The most money of a day, which ends at midnight UTC: of all runs and of `graders/run`. */
  readonly maxCostPerDay?: number | undefined
  /**
   * Whether answers of models are kept in the database. The same request to the same
   * endpoint is then answered from there, also in other runs, and costs nothing.
   * Default: false.
   */
  readonly cache?: boolean | undefined
  /** The requests to models that have a span. Default `errors`: those that were not answered as they should. */
  readonly trace?: Trace | undefined
}

const engine = (
  filename: string,
  { cache, project, trace, worker, ...ceilings }: Options,
  changes: Layer.Layer<Changes.Changes, never, SqlClient.SqlClient>
): Layer.Layer<Engine.EvalsEngine, SqliteError> => {
  const workers = Workers.layer({ program: worker })
  return EngineInFile.layer({ filename }, migrate, { project, changes, workers, cache, ceilings, trace }).pipe(
    Layer.catchTag("ProjectError", ({ known }) =>
      Layer.effect(
        Engine.EvalsEngine,
        Effect.fail(
          forbidden(
            `The database holds several projects (${known.join(", ")}): name the one to serve, as option "project" or --project.`
          )
        )
      )
    )
  )
}

/**
 * An engine with a database in memory. The database lives as long as the layer.
 *
 * **Example** (A program without a network)
 *
 * ```ts
 * import { Effect, Layer, Stream } from "effect"
 * import { listEvals } from "effect-evals"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const program = Stream.runCollect(listEvals()).pipe(
 *   Effect.provide(EvalsEngine.layerClient().pipe(Layer.provide(EvalsEngine.layerMemory)))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerMemory: Layer.Layer<Engine.EvalsEngine> = engine(":memory:", {}, Changes.layer).pipe(
  // a failure to open a database in memory cannot be handled by a program
  Layer.orDie
)

/**
 * The options of an engine in a file.
 *
 * @category options
 * @since 0.1.0
 */
export interface SqliteOptions extends Options {
  /** The database file. It is created if it does not exist. An archive can be opened too. */
  readonly filename: string
}

/**
 * The errors of opening a file.
 *
 * @category errors
 * @since 0.1.0
 */
export type SqliteError = Sqlite.DatabaseError | Migrator.MigrationError | SqlError | Rejection

/**
 * An engine with an SQLite file. Unfinished runs are resumed when the file is opened
 * again. A crash of the process loses no data. A power failure can lose the last
 * writes; runs then resume from the stored state. A file has one engine at a time: a
 * second one fails with a `DatabaseError`. Commands such as `run` and `list` can use
 * the file at the same time.
 *
 * **Example** (The client of an application)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const layer = EvalsEngine.layerClient().pipe(
 *   Layer.provide(EvalsEngine.layerSqlite({ filename: "evals.db" }))
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerSqlite = ({ filename, ...options }: SqliteOptions): Layer.Layer<Engine.EvalsEngine, SqliteError> => {
  const durable = engine(filename, options, Changes.layerShared)
  return filename === ":memory:" ? durable : EngineInFile.alone(filename, durable)
}

/**
 * The options that can come from configuration.
 *
 * @category options
 * @since 0.1.0
 */
export type ConfigOptions = Pick<SqliteOptions, "filename" | "project">

/**
 * An engine with an SQLite file. The file and the project come from configuration,
 * other options are plain values.
 *
 * **Example** (The file of an environment)
 *
 * ```ts
 * import { Config } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const layer = EvalsEngine.layerConfig({
 *   filename: Config.withDefault(Config.String("EVALS_FILE"), "evals.db")
 * })
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerConfig = (
  config: Config.Wrap<ConfigOptions>,
  options: Omit<SqliteOptions, keyof ConfigOptions> = {}
): Layer.Layer<Engine.EvalsEngine, Config.ConfigError | SqliteError> =>
  Layer.unwrap(Effect.map(Config.unwrap(config), (read) => layerSqlite({ ...options, ...read })))

const application = Server.make()

/**
 * Makes a client of the engine. Its requests are encoded and handled as over a
 * network, but within the process.
 *
 * **Example** (An engine and a host in one program)
 *
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { EvalsClient, listEvals } from "effect-evals"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const names = Effect.flatMap(EvalsEngine.makeClient(), (client) =>
 *   Stream.runCollect(listEvals()).pipe(Effect.provideService(EvalsClient.EvalsClient, client))
 * )
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeClient = (
  options: Client.ClientOptions = {}
): Effect.Effect<EvalsClient.Service, never, Engine.EvalsEngine> =>
  Effect.map(application, (app) => Client.make(app, options))

/**
 * Provides an `EvalsClient` of the engine. The layer needs no `HttpClient`, and
 * provides none.
 *
 * **Example** (A client with a short time limit)
 *
 * ```ts
 * import { Layer } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 *
 * export const layer = EvalsEngine.layerClient({ timeout: "5 seconds", retry: false }).pipe(
 *   Layer.provide(EvalsEngine.layerMemory)
 * )
 * ```
 *
 * @category layers
 * @since 0.1.0
 */
export const layerClient = (
  options: Client.ClientOptions = {}
): Layer.Layer<EvalsClient.EvalsClient, never, Engine.EvalsEngine> =>
  Layer.effect(EvalsClient.EvalsClient, makeClient(options))

/**
 * Makes a `fetch` whose requests the engine answers, for clients that accept one.
 * Tests with openai-node need no port.
 *
 * **Example** (openai-node without a port)
 *
 * ```ts
 * import { Effect } from "effect"
 * import { EvalsEngine } from "effect-evals/engine"
 * import OpenAI from "openai"
 *
 * export const names = Effect.gen(function* () {
 *   const fetch = yield* EvalsEngine.makeFetch
 *   const client = new OpenAI({ apiKey: "none", baseURL: "http://localhost/v1", fetch })
 *   const page = yield* Effect.promise(() => client.evals.list())
 *   return page.data.map((one) => one.name)
 * }).pipe(Effect.provide(EvalsEngine.layerMemory))
 * ```
 *
 * @category constructors
 * @since 0.1.0
 */
export const makeFetch: Effect.Effect<typeof globalThis.fetch, never, Engine.EvalsEngine> = Effect.flatMap(
  application,
  (app) => Effect.map(services<never>(), (context) => InProcess.fetch(app, context))
)
