/**
 * What a program can rely on, whichever host answers: one suite of our client.
 * Nothing of it asks which host that is. Lists begin behind an object of the test's
 * own, since other tests have filled them too.
 */
import { layer } from "@effect/vitest"
import type { Layer } from "effect"
import type { EvalsClient } from "effect-evals"
import { evalAndRunTests } from "./evalAndRunTests.ts"
import { itemAndFileTests } from "./itemAndFileTests.ts"

/** The suite, against the host of a layer. */
export const suite = <E>(name: string, host: Layer.Layer<EvalsClient.EvalsClient, E>): void => {
  layer(host)(name, (it) => {
    evalAndRunTests(it)
    itemAndFileTests(it)
  })
}
