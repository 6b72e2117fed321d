/** openai-node and effect-evals send the same requests; what differs is in the table, with its reason. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { EvalsClient } from "effect-evals"
import OpenAI from "openai"
import { type Clients, compare, type Difference, headers } from "./lib/compare.ts"
import { cases as evals } from "./lib/evals.ts"
import { cases as files } from "./lib/files.ts"
import { cancel, cases as runs } from "./lib/runs.ts"

const differences: ReadonlyArray<Difference> = [
  headers(
    /^x-stainless-/,
    "openai-node describes the machine and counts its retries; we tell the host nothing of either"
  ),
  headers(/^user-agent$/, "each client names itself and its version; option headers replaces ours"),
  {
    what: "header accept of downloads",
    reason: "application/binary is no registered type; the host answers application/octet-stream, which we ask for",
    without: (wire) =>
      wire.path.endsWith("/content") ? { ...wire, headers: { ...wire.headers, accept: "bytes" } } : wire
  }
]

const clients: Clients = {
  theirs: (baseURL) =>
    new OpenAI({ baseURL, apiKey: "sk-conformance", organization: "org-1", project: "proj_1", maxRetries: 0 }),
  ours: (baseUrl) =>
    Layer.orDie(
      EvalsClient.layer({ baseUrl, apiKey: Redacted.make("sk-conformance"), organization: "org-1", project: "proj_1" })
    )
}

describe("the same request as openai-node", () => {
  const seen = new Set<Difference>()

  for (const operation of [...evals, ...runs, cancel, ...files]) {
    it.effect(operation.name, () =>
      Effect.map(compare(clients, differences, operation), (found) => {
        for (const difference of found) seen.add(difference)
      })
    )
  }

  it("every difference of the table is a difference", () => {
    assert.deepStrictEqual(
      differences.filter((difference) => !seen.has(difference)).map(({ what }) => what),
      []
    )
  })
})
