import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Layer, Scope } from "effect"
import { linkSync, readdirSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Database } from "effect-evals/archive"
import { EvalsEngine } from "effect-evals/engine"
import { alone, beside, isHeld } from "../../src/store/Lock.ts"
import { folder } from "../archive/lib/run.ts"

const file = Effect.map(folder, (path) => join(path, "evals.db"))

const refused = <A, R>(effect: Effect.Effect<A, { readonly message: string }, R>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message.replace(/^.*evals\.db: /, ""))

const worked = "another process works on it, a server or a run; wait until that has ended, or name another file"

describe("the lock of a database", () => {
  it.live("is shared by several processes, and refused to an exclusive one meanwhile", () =>
    Effect.gen(function* () {
      const db = yield* file
      const runs = yield* Scope.make()
      yield* Scope.provide(Effect.andThen(beside(db), beside(db)), runs)
      assert.strictEqual(yield* refused(Effect.scoped(alone(db))), worked)
      yield* Scope.close(runs, Exit.void)
      yield* Effect.scoped(alone(db))
    })
  )

  it.live("is exclusive until others are admitted, and never taken exclusively twice", () =>
    Effect.gen(function* () {
      const db = yield* file
      const server = yield* Scope.make()
      const { admit } = yield* Scope.provide(alone(db), server)
      assert.strictEqual(yield* refused(Effect.scoped(alone(db))), worked)
      yield* admit
      yield* Effect.scoped(beside(db))
      assert.strictEqual(yield* refused(Effect.scoped(alone(db))), worked)
      yield* Scope.close(server, Exit.void)
      yield* Effect.scoped(alone(db))
    })
  )

  it.live("is the same for all symbolic links, also before the database exists", () =>
    Effect.gen(function* () {
      const db = yield* file
      const links = yield* folder
      symlinkSync(dirname(db), join(links, "folder"))
      symlinkSync(db, join(links, "evals.db"))
      const lone = Effect.scoped(alone(db))
      const byFolder = alone(join(links, "folder", "evals.db"))
      assert.strictEqual(yield* refused(Effect.scoped(Effect.andThen(byFolder, lone))), worked)
      writeFileSync(db, "")
      const byFile = alone(join(links, "evals.db"))
      assert.strictEqual(yield* refused(Effect.scoped(Effect.andThen(byFile, lone))), worked)
      assert.deepStrictEqual(readdirSync(links).toSorted(), ["evals.db", "folder"])
    })
  )

  it.live("refuses hard links and file: URLs; a hard link may be read", () =>
    Effect.gen(function* () {
      const db = yield* file
      const link = join(yield* folder, "link.db")
      const open = (filename: string) => Layer.build(EvalsEngine.layerSqlite({ filename }))
      const refusal = (filename: string) =>
        Effect.map(Effect.flip(open(filename)), (error) => [error._tag, error.message])
      yield* Effect.scoped(
        Effect.gen(function* () {
          yield* open(db)
          linkSync(db, link)
          for (const name of [link, db]) {
            assert.deepStrictEqual(yield* refusal(name), [
              "DatabaseError",
              `${name}: has 2 names (hard links), and another process may be working on it by another one. ` +
                "Remove the other names, or copy it and name the copy"
            ])
          }
          for (const name of [`file:${db}`, `FILE://${db}`, `file:${db}?mode=rwc`]) {
            assert.deepStrictEqual(yield* refusal(name), [
              "DatabaseError",
              `${name}: is an address; name the file by its path, without file: and parameters`
            ])
          }
          assert.match(String((yield* refusal(""))[1]), /the name of the database is empty; name a file, or :memory:$/)
        })
      )
      assert.deepStrictEqual(readdirSync(dirname(link)), ["link.db"])
      yield* Effect.scoped(Layer.build(Database.layer({ filename: link, readonly: true })))
      unlinkSync(link)
      yield* Effect.scoped(open(db))
    })
  )

  it.live("tells whether a process holds it", () =>
    Effect.gen(function* () {
      const db = yield* file
      assert.isFalse(yield* isHeld(db))
      assert.isTrue(yield* Effect.scoped(Effect.andThen(beside(db), isHeld(db))))
      const both = Effect.gen(function* () {
        const { admit } = yield* alone(db)
        const before = yield* isHeld(db)
        yield* admit
        return [before, yield* isHeld(db)]
      })
      assert.deepStrictEqual(yield* Effect.scoped(both), [true, true])
      assert.isFalse(yield* isHeld(db))
    })
  )

  it.live("names the file that cannot be created", () =>
    Effect.gen(function* () {
      const db = join(yield* folder, "none", "evals.db")
      assert.match(yield* refused(Effect.scoped(beside(db))), /^its lock .*none\/evals\.db-lock: unable to open/)
    })
  )
})
