/**
 * An archive as a process of its own, which can be killed. Arguments: the file, the
 * host's address, and the project's name. Prints the report as JSON.
 */
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { EvalsClient } from "effect-evals"
import { archive, Database } from "effect-evals/archive"

const [filename = "", baseUrl = "", project = "default"] = process.argv.slice(2)

const client = EvalsClient.layer({ apiKey: Redacted.make(project), baseUrl }).pipe(Layer.provide(FetchHttpClient.layer))

const report = await archive({ project }).pipe(
  Effect.provide(Layer.merge(client, Database.layer({ filename }))),
  Effect.runPromise
)
console.log(JSON.stringify(report))
