import type { Effect, FileSystem, Layer, Path, Stream } from "effect"
import type { MigrationError } from "effect/sql/Migrator"
import type { SqlClient } from "effect/sql/SqlClient"
import type { SqlError } from "effect/sql/SqlError"
import type { EvalsClient } from "effect-evals"
import {
  archive,
  type csv,
  Database,
  type ExportError,
  type exportCsv,
  type exportTo,
  type Report,
  type verify
} from "effect-evals/archive"
import { expect, test } from "tstyche"

test("the database of an archive has a tag of its own", () => {
  expect(Database.layer({ filename: "evals.db" })).type.toBe<
    Layer.Layer<Database.Database, Database.DatabaseError | MigrationError | SqlError>
  >()
  expect<Effect.Success<typeof Database.Database>>().type.toBe<SqlClient>()
})

test("what works on an archive asks for that tag, and for no SqlClient of the application", () => {
  expect(archive()).type.toBe<Effect.Effect<Report, SqlError, EvalsClient.EvalsClient | Database.Database>>()
  expect<Effect.Services<ReturnType<typeof verify>>>().type.toBe<Database.Database>()
  expect<Stream.Services<ReturnType<typeof csv>>>().type.toBe<Database.Database>()
  expect<Stream.Error<ReturnType<typeof csv>>>().type.toBe<ExportError | SqlError>()
  type Needs = Database.Database | FileSystem.FileSystem | Path.Path
  expect<Effect.Services<ReturnType<typeof exportTo>>>().type.toBe<Needs>()
  expect<Effect.Error<ReturnType<typeof exportTo>>>().type.toBe<ExportError | SqlError>()
  expect<Effect.Error<ReturnType<typeof exportCsv>>>().type.toBe<ExportError | SqlError>()
  expect<Effect.Services<ReturnType<typeof exportCsv>>>().type.toBe<Needs>()
})
