import { Effect, Layer } from "effect"
import { FetchHttpClient } from "effect/http"
import { layer } from "./client-by-hand.ts"
import { programByHand } from "./program-by-hand.ts"

void Effect.runPromise(Effect.provide(programByHand, layer.pipe(Layer.provide(FetchHttpClient.layer))))
