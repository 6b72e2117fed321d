import { Config, type Effect, type Layer, type Scope, type Stream } from "effect"
import type { ServeError } from "effect/http/HttpServerError"
import type { MigrationError } from "effect/sql/Migrator"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsClient } from "effect-evals"
import { EvalsEngine, type Rejection } from "effect-evals/engine"
import { NodeServer, type Server } from "effect-evals/server"
import { EvalsTest } from "effect-evals/testing/engine"
import { describe, expect, it } from "tstyche"
import type { EngineOperations } from "../../src/engine/operations/EngineOperations.ts"

type Engine = EvalsEngine.EvalsEngine
type Client = EvalsClient.EvalsClient

describe("layers of the engine", () => {
  it("ask for nothing, and fail as a file can", () => {
    expect(EvalsEngine.layerMemory).type.toBe<Layer.Layer<Engine>>()
    expect(EvalsEngine.layerSqlite({ filename: "evals.db" })).type.toBe<
      Layer.Layer<Engine, EvalsEngine.DatabaseError | MigrationError | SqlError | Rejection>
    >()
    expect(EvalsEngine.layerConfig({ filename: Config.String("EVALS_FILE") })).type.toBe<
      Layer.Layer<Engine, Config.ConfigError | EvalsEngine.SqliteError>
    >()
  })

  it("give a client without an HttpClient", () => {
    expect(EvalsEngine.layerClient()).type.toBe<Layer.Layer<Client, never, Engine>>()
    expect(EvalsEngine.layerClient({ timeout: "1 minute" })).type.toBe<Layer.Layer<Client, never, Engine>>()
    expect(EvalsEngine.makeClient({ timeout: "1 minute" })).type.toBe<
      Effect.Effect<EvalsClient.Service, never, Engine>
    >()
    expect(EvalsTest.layer).type.toBe<Layer.Layer<Client | Engine>>()
  })

  it("take no key, and no address", () => {
    expect(EvalsEngine.makeClient).type.not.toBeCallableWith({ baseUrl: "http://host/v1" })
    expect(EvalsEngine.layerClient).type.not.toBeCallableWith({ baseUrl: "http://host/v1" })
  })
})

describe("the service of the engine", () => {
  it("is opaque: it has no operation, and no type that cannot be named from outside", () => {
    expect<Extract<keyof EvalsEngine.Service, string | number>>().type.toBe<never>()
    expect<{ readonly createRun: () => void }>().type.not.toBeAssignableTo<EvalsEngine.Service>()
    expect<{}>().type.not.toBeAssignableTo<EvalsEngine.Service>()
  })
})

describe("the operations behind the service", () => {
  it("refuse, or fail with their database, and with nothing else", () => {
    expect<Effect.Error<ReturnType<EngineOperations["createRun"]>>>().type.toBe<Rejection | SqlError>()
    expect<Effect.Error<ReturnType<EngineOperations["listOutputItems"]>>>().type.toBe<Rejection | SqlError>()
    expect<Effect.Error<ReturnType<EngineOperations["runGrader"]>>>().type.toBe<Rejection>()
    expect<ReturnType<EngineOperations["watchRun"]>>().type.toBe<
      Effect.Effect<Stream.Stream<string, SqlError>, Rejection | SqlError>
    >()
  })
})

describe("the server", () => {
  it("is an application that answers every error itself", () => {
    expect<Effect.Error<Server.App>>().type.toBe<never>()
  })

  it("stops with its scope, and does not start open to others", () => {
    expect(NodeServer.start({ port: 0 })).type.toBe<
      Effect.Effect<NodeServer.Listening, NodeServer.OpenToOthers | ServeError, Engine | Scope.Scope>
    >()
  })
})
