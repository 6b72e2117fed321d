/**
 * An engine over a file as a server of its own, which can be killed. Argument: the
 * file. Tells who started it the address, once it accepts requests.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"

const [filename = ""] = process.argv.slice(2)

// nobody is left who would stop it
process.on("disconnect", () => process.exit())

NodeServer.start({ port: 0 }).pipe(
  Effect.andThen(({ url }) => Effect.sync(() => process.send?.(url))),
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(EvalsEngine.layerSqlite({ filename })),
  NodeRuntime.runMain
)
