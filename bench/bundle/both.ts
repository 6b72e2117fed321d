import { Effect, Layer } from "effect"
import { EvalsClient } from "effect-evals"
import { FetchHttpClient } from "effect/http"
import { layer } from "./client-by-hand.ts"
import { programByHand } from "./program-by-hand.ts"
import { program } from "./program.ts"

const layerEvals = EvalsClient.layerFromEnv().pipe(Layer.provide(FetchHttpClient.layer))

void Effect.runPromise(
  Effect.andThen(
    Effect.provide(programByHand, layer.pipe(Layer.provide(FetchHttpClient.layer))),
    Effect.provide(program, layerEvals)
  )
)
