/** AzureOpenAI of openai-node and option `azure` send the same requests, but for the cancel path. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { EvalsClient } from "effect-evals"
import { AzureOpenAI } from "openai"
import { type Clients, compare, type Difference, headers } from "./lib/compare.ts"
import { cases as evals } from "./lib/evals.ts"
import { cases as files } from "./lib/files.ts"
import { cancel, cases as runs } from "./lib/runs.ts"

const apiVersion = "2025-04-01-preview"

const differences: ReadonlyArray<Difference> = [
  headers(/^x-stainless-/, "as for OpenAI's own host"),
  headers(/^user-agent$/, "as for OpenAI's own host"),
  {
    what: "header accept of downloads",
    reason: "as for OpenAI's own host",
    without: (wire) =>
      wire.path.endsWith("/content") ? { ...wire, headers: { ...wire.headers, accept: "bytes" } } : wire
  },
  {
    what: "path of cancelling",
    reason: "Azure's reference posts to the run itself; openai-node has one path for all hosts",
    without: (wire) => ({ ...wire, path: wire.path.replace(/\/cancel$/, "") })
  }
]

const withKey: Clients = {
  theirs: (baseURL) => new AzureOpenAI({ baseURL, apiKey: "azure-conformance", apiVersion, maxRetries: 0 }),
  ours: (baseUrl) =>
    Layer.orDie(EvalsClient.layer({ baseUrl, apiKey: Redacted.make("azure-conformance"), azure: { apiVersion } }))
}

const withToken: Clients = {
  theirs: (baseURL) =>
    new AzureOpenAI({
      baseURL,
      azureADTokenProvider: () => Promise.resolve("entra-conformance"),
      apiVersion,
      maxRetries: 0
    }),
  ours: (baseUrl) =>
    Layer.orDie(
      EvalsClient.layer({ baseUrl, apiKey: Redacted.make("entra-conformance"), azure: { apiVersion, auth: "bearer" } })
    )
}

describe("the same request as AzureOpenAI", () => {
  const seen = new Set<Difference>()

  for (const operation of [...evals, ...runs, cancel, ...files]) {
    it.effect(operation.name, () =>
      Effect.map(compare(withKey, differences, operation), (found) => {
        for (const difference of found) seen.add(difference)
      })
    )
  }

  for (const operation of [cancel, ...runs.slice(0, 1), ...files.slice(0, 2)]) {
    it.effect(`${operation.name}, with a token of Entra ID`, () => compare(withToken, differences, operation))
  }

  it("every difference of the table is a difference", () => {
    assert.deepStrictEqual(
      differences.filter((difference) => !seen.has(difference)).map(({ what }) => what),
      []
    )
  })
})
