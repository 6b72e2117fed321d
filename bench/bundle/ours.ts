import { Effect, Layer, Redacted } from "effect"
import { EvalsClient } from "effect-evals"
import { FetchHttpClient } from "effect/http"
import { program } from "./program.ts"

const layer = EvalsClient.layer({ apiKey: Redacted.make("sk-example") }).pipe(Layer.provide(FetchHttpClient.layer))

void Effect.runPromise(Effect.provide(program, layer))
