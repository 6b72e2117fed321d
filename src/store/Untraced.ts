/**
 * An `SqlClient` whose statements and transactions leave no spans: a run executes
 * hundreds of them, and an application asks its tracer for its own work.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as References from "effect/References"
import type * as SqlClient from "effect/sql/SqlClient"
import type { Statement } from "effect/sql/Statement"
import * as Stream from "effect/Stream"

const untracedStatement = <A>(statement: Statement<A>): Statement<A> => {
  const quiet = <E extends "raw" | "withoutTransform" | "values" | "valuesUnprepared" | "unprepared">(name: E) => ({
    get: () => Effect.withTracerEnabled(statement[name], false)
  })
  // inherits what makes it a fragment of other statements
  return Object.create(statement, {
    ...Object.getOwnPropertyDescriptors(
      Effectable.Prototype<Statement<A>>({
        label: "Statement",
        evaluate: () => Effect.withTracerEnabled(statement, false)
      })
    ),
    raw: quiet("raw"),
    withoutTransform: quiet("withoutTransform"),
    values: quiet("values"),
    valuesUnprepared: quiet("valuesUnprepared"),
    unprepared: quiet("unprepared"),
    stream: { get: () => Stream.provideService(statement.stream, References.TracerEnabled, false) }
  })
}

// the effect within a transaction has the spans that it makes itself
const untracedTransaction =
  (withTransaction: SqlClient.SqlClient["withTransaction"]): SqlClient.SqlClient["withTransaction"] =>
  (effect) =>
    Effect.flatMap(References.TracerEnabled, (enabled) =>
      Effect.withTracerEnabled(withTransaction(Effect.withTracerEnabled(effect, enabled)), false)
    )

const isStatement = (value: unknown): value is Statement<unknown> =>
  Effect.isEffect(value) && "withoutTransform" in value

/** Gives a client that does the same and leaves no spans. */
export const untraced = (client: SqlClient.SqlClient): SqlClient.SqlClient => {
  const withTransaction = untracedTransaction(client.withTransaction)
  const unsafe: SqlClient.SqlClient["unsafe"] = (sql, params) => untracedStatement(client.unsafe(sql, params))
  const self: SqlClient.SqlClient = new Proxy(client, {
    apply: (target, receiver, args) => {
      const made: unknown = Reflect.apply(target, receiver, args)
      return isStatement(made) ? untracedStatement(made) : made
    },
    get: (target, key) => {
      if (key === "withTransaction") return withTransaction
      if (key === "unsafe") return unsafe
      return key === "safe" ? self : Reflect.get(target, key)
    }
  })
  return self
}
