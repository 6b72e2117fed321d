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

interface Untraced<A> extends Statement<A> {
  /** The statement as the client made it, which leaves a span. */
  readonly source: Statement<A>
}

const untracedMember = <E extends "raw" | "withoutTransform" | "values" | "valuesUnprepared" | "unprepared">(
  name: E
) => ({
  get(this: Untraced<unknown>) {
    return Effect.withTracerEnabled(this.source[name], false)
  }
})

const members: PropertyDescriptorMap = {
  ...Object.getOwnPropertyDescriptors(
    Effectable.Prototype<Untraced<unknown>>({
      label: "Statement",
      evaluate() {
        return Effect.withTracerEnabled(this.source, false)
      }
    })
  ),
  raw: untracedMember("raw"),
  withoutTransform: untracedMember("withoutTransform"),
  values: untracedMember("values"),
  valuesUnprepared: untracedMember("valuesUnprepared"),
  unprepared: untracedMember("unprepared"),
  stream: {
    get(this: Untraced<unknown>) {
      return Stream.provideService(this.source.stream, References.TracerEnabled, false)
    }
  }
}

// one for all statements of a client: to make one for each statement takes longer than to execute it
const prototypes = new WeakMap<object, object>()

const untracedPrototype = (prototype: object): object => {
  const known = prototypes.get(prototype)
  if (known !== undefined) return known
  // inherits what makes it a fragment of other statements
  const made = Object.create(prototype, members)
  prototypes.set(prototype, made)
  return made
}

const untracedStatement = <A>(statement: Statement<A>): Statement<A> =>
  Object.assign(Object.create(untracedPrototype(Object.getPrototypeOf(statement))), statement, { source: statement })

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
