/** The database of an archive for tests that look into its tables. */
import { Layer } from "effect"
import { SqlClient } from "effect/sql"
import { Database } from "effect-evals/archive"

/** Opens a file as the database of an archive, and as the `SqlClient` of the test. */
export const layer = (options: Parameters<typeof Database.layer>[0]) =>
  Layer.effect(SqlClient.SqlClient, Database.Database).pipe(Layer.provideMerge(Database.layer(options)))

/** The services of {@link layer}. */
export type Opened = Database.Database | SqlClient.SqlClient
