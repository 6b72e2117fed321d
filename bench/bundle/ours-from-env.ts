import { Effect, Layer } from "effect"
import { EvalsClient } from "effect-evals"
import { FetchHttpClient } from "effect/http"
import { program } from "./program.ts"

const layer = EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer))

void Effect.runPromise(Effect.provide(program, layer))
