/**
 * The report of a dry run: rows, models, the first requests, and the tokens of prompts.
 */
import * as Effect from "effect/Effect"
import type { Resolved } from "../engine/models/Models.ts"
import { count, percent, quantity } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import { formatCost } from "../report/spending.ts"
import type { Asked } from "./askedModels.ts"
import * as PromptTokens from "./promptTokens.ts"
import { cut, table } from "./textLayout.ts"
import type { Purpose, Unsent } from "./unsentModels.ts"

/** The requests of a row. */
export interface Shown {
  /** The row, from 0. */
  readonly row: number
  readonly requests: ReadonlyArray<Unsent>
}

/** The result of a dry run. */
export interface DryRun {
  readonly definition: string
  /** The number of rows, all of them valid. */
  readonly rows: number
  readonly models: ReadonlyArray<Asked & { readonly at: Resolved | undefined }>
  readonly shown: ReadonlyArray<Shown>
  /** The requests of the first rows. */
  readonly counted: { readonly rows: number; readonly requests: ReadonlyArray<Unsent> }
}

/** The tokens of the prompts to a model. */
export interface Tokens {
  readonly purpose: Purpose
  /** The name of the model that is sent. */
  readonly model: string
  /** The tokens of all rows. */
  readonly total: number
  /** The cost of the prompts. Undefined for a model without a price. */
  readonly cost: number | undefined
}

/** The most characters of prompts that are counted. Those beyond are estimated by their length. */
const mostCharacters = 2_000_000

const million = 1_000_000

const keyOf = ({ body, purpose }: Unsent): string => JSON.stringify([purpose, String(body["model"])])

const lengthOf = ({ body }: Unsent): number => JSON.stringify(body).length

const tokensOfAll = (requests: ReadonlyArray<Unsent>, counter: PromptTokens.Count): number => {
  let tokens = 0
  let counted = 0
  let left = 0
  for (const request of requests) {
    if (counted > mostCharacters) left += lengthOf(request)
    else {
      counted += lengthOf(request)
      tokens += PromptTokens.tokensOf(request.body, counter)
    }
  }
  return tokens + (counted === 0 ? 0 : (tokens / counted) * left)
}

/** Counts the tokens of prompts. Undefined if the tokenizer is missing. */
export const countTokens = ({ counted, models, rows }: DryRun): Effect.Effect<ReadonlyArray<Tokens> | undefined> =>
  Effect.gen(function* () {
    const groups = new Map<string, Array<Unsent>>()
    for (const request of counted.requests) {
      const key = keyOf(request)
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [request])
      else group.push(request)
    }
    const found: Array<Tokens> = []
    for (const requests of groups.values()) {
      const [first] = requests
      if (first === undefined) continue
      const model = String(first.body["model"])
      const counter = yield* PromptTokens.load(model)
      if (counter === undefined) return undefined
      const total = Math.round((tokensOfAll(requests, counter) * rows) / Math.max(1, counted.rows))
      const price = models.find(({ at }) => at?.model === model)?.at?.price
      found.push({
        purpose: first.purpose,
        model,
        total,
        cost: price === undefined ? undefined : (total * price.input) / million
      })
    }
    return found
  })

// =============================================================================
// text
// =============================================================================

const longestText = 2000

// an image in base64 fills many screens
const shortened = (_: string, value: unknown): unknown => (typeof value === "string" ? cut(value, longestText) : value)

/** Makes each line of a request safe to show. JSON escapes line breaks, and not the direction of text. */
const bodyLines = (body: Unsent["body"]): ReadonlyArray<string> =>
  JSON.stringify(body, shortened, 2)
    .split("\n")
    .map((line) => `  ${/^ */.exec(line)?.[0] ?? ""}${plain(line)}`)

const nouns: { readonly [purpose in Purpose]: string } = { samples: "samples", judges: "judges", embeds: "embeddings" }

const tokenLines = ({ counted, rows }: DryRun, tokens: ReadonlyArray<Tokens> | undefined): ReadonlyArray<string> => {
  if (tokens === undefined) return [PromptTokens.missing]
  const share =
    counted.rows < rows ? `, counted in the first ${count(counted.rows)} rows (${percent(counted.rows / rows)})` : ""
  const costs = tokens.map(({ cost }) => cost)
  const known = costs.every((cost) => cost !== undefined)
  return [
    ...table(
      tokens.map(({ model, purpose, total }) => [
        `prompts of ${nouns[purpose]}`,
        plain(model),
        `about ${quantity(total, "token")}`
      ]),
      2
    ).map((line) => `${line}${share}`),
    ...(known && costs.length > 0
      ? [`cost of these prompts: about ${formatCost(costs.reduce((sum, cost) => sum + cost, 0))}, without any answer`]
      : []),
    ...(tokens.some(({ purpose }) => purpose !== "samples")
      ? ["answers that are judged or compared are not known yet, and not counted"]
      : [])
  ]
}

/** Formats the report. */
export const format = (run: DryRun, tokens: ReadonlyArray<Tokens> | undefined): ReadonlyArray<string> => {
  const { definition, models, rows, shown } = run
  return [
    `dry run of ${plain(definition)}: nothing is sent, and nothing is created`,
    "",
    `rows     ${quantity(rows, "row")}, all valid`,
    ...(models.length === 0
      ? ["models   none is asked"]
      : table(
          models.map(({ at, by, model, purpose }) => [
            purpose.padEnd(7),
            plain(by),
            `${plain(model)}${at === undefined || at.model === model ? "" : `, sent as ${plain(at.model)}`}`,
            at === undefined ? "" : at.endpoint
          ]),
          4
        )),
    ...shown.flatMap(({ requests, row }) =>
      requests.length === 0
        ? ["", `row ${row} asks no model`]
        : requests.flatMap(({ body, purpose, url }) => ["", `row ${row} ${purpose}: POST ${url}`, ...bodyLines(body)])
    ),
    ...(models.length === 0 ? [] : ["", ...tokenLines(run, tokens)])
  ]
}

/** Makes the report as JSON. */
export const toJson = ({ models, rows, shown }: DryRun, tokens: ReadonlyArray<Tokens> | undefined) => ({
  rows,
  models: models.map(({ at, ...one }) => ({ ...one, endpoint: at?.endpoint ?? null, sent_as: at?.model ?? null })),
  requests: shown.flatMap(({ requests, row }) => requests.map((request) => ({ row, method: "POST", ...request }))),
  prompt_tokens: tokens ?? null
})
