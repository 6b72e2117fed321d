/**
 * An engine over a file as a server of its own, which can be killed. Arguments: the
 * file, and the address of a model server where there is one. The process sends
 * its own address to its parent, once it accepts requests.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { EvalsEngine, Models } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"

const [filename = "", baseUrl] = process.argv.slice(2)

const models =
  baseUrl === undefined
    ? Layer.empty
    : Models.layer([{ match: "*", baseUrl, api: "chat", limits: { inFlight: 32 } }]).pipe(
        Layer.provide(NodeHttpClient.layerUndici),
        Layer.orDie
      )

// nobody is left who would stop it
process.on("disconnect", () => process.exit())

NodeServer.start({ port: 0 }).pipe(
  Effect.andThen(({ url }) => Effect.sync(() => process.send?.(url))),
  Effect.andThen(Effect.never),
  Effect.scoped,
  Effect.provide(EvalsEngine.layerSqlite({ filename }).pipe(Layer.provide(models))),
  NodeRuntime.runMain
)
