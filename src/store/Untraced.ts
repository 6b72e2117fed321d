/**
 * An `SqlClient` without spans. A run executes hundreds of statements, which would fill the traces of an application.
 */
import * as Effect from "effect/Effect"
import * as Effectable from "effect/Effectable"
import * as References from "effect/References"
import type * as SqlClient from "effect/sql/SqlClient"
import type { Statement } from "effect/sql/Statement"
import * as Stream from "effect/Stream"

interface Untraced<A> extends Statement<A> {
  /** The statement of the client, with spans. */
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

// one prototype for all statements of a client: creating one for each takes longer than executing the statement
const prototypes = new WeakMap<object, object>()

const untracedPrototype = (prototype: object): object => {
  const known = prototypes.get(prototype)
  if (known !== undefined) return known
  // inherits the fragment, so that it can be part of other statements
  const made = Object.create(prototype, members)
  prototypes.set(prototype, made)
  return made
}

const untracedStatement = <A>(statement: Statement<A>): Statement<A> =>
  Object.assign(Object.create(untracedPrototype(Object.getPrototypeOf(statement))), statement, { source: statement })

// spans that the effect inside a transaction makes are kept
const untracedTransaction =
  (withTransaction: SqlClient.SqlClient["withTransaction"]): SqlClient.SqlClient["withTransaction"] =>
  (effect) =>
    Effect.flatMap(References.TracerEnabled, (enabled) =>
      Effect.withTracerEnabled(withTransaction(Effect.withTracerEnabled(effect, enabled)), false)
    )

const isStatement = (value: unknown): value is Statement<unknown> =>
  Effect.isEffect(value) && "withoutTransform" in value

/** Wraps a client. The result works the same and makes no spans. */
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
