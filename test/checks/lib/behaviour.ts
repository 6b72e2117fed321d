/**
 * The rows of docs/behaviour.md. Values in the sentences are taken from the code, so that the page changes with it; `npm test`
 * fails until it is written anew. The names and the tests that are linked must exist, which behaviour.ts checks.
 */
import * as graders from "./behaviour/graders.ts"
import * as judges from "./behaviour/judges.ts"
import * as requests from "./behaviour/requests.ts"
import * as rows from "./behaviour/rows.ts"
import * as runs from "./behaviour/runs.ts"
import * as samples from "./behaviour/samples.ts"
import * as sampling from "./behaviour/sampling.ts"
import type { Fact, Group, Rule } from "./behaviour/model.ts"

export type { Group, Named } from "./behaviour/model.ts"

/** Facts about the host. */
export const facts: ReadonlyArray<Group<Fact>> = [
  requests.facts,
  samples.facts,
  sampling.facts,
  graders.facts,
  judges.facts,
  runs.facts
]

/** Rules of the engine's own. */
export const rules: ReadonlyArray<Group<Rule>> = [
  samples.rules,
  sampling.rules,
  graders.rules,
  judges.rules,
  rows.rules,
  runs.rules,
  requests.rules
]
