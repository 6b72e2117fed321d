/**
 * The part of a run's progress that is about models.
 */
import type { Price } from "../engine/models/Entry.ts"
import type { Traffic } from "../engine/models/Models.ts"
import { count, quantity, roughDuration } from "../report/format.ts"
import type * as Run from "../schema/Run.ts"

type Usage = NonNullable<Run.Run["per_model_usage"]>

/** The requests to models while a run is executed. */
export interface Asking {
  /** The traffic of this process. Empty if another process or a host executes the run. */
  readonly traffic: ReadonlyArray<Traffic>
  /** Returns the price of a model by the name in its answers. */
  readonly priceOf: (model: string) => Price | undefined
}

/** Nothing is known of models here. */
export const nothing: Asking = { traffic: [], priceOf: () => undefined }

const million = 1_000_000

/** Computes the cost of tokens. Undefined if a model has no price. */
export const costOf = (usage: Usage, priceOf: Asking["priceOf"]): number | undefined => {
  let cost = 0
  for (const { cached_tokens, completion_tokens, model_name, prompt_tokens } of usage) {
    const price = priceOf(model_name)
    if (price === undefined) return undefined
    const { cachedInput = price.input, input, output } = price
    cost += (prompt_tokens - cached_tokens) * input + cached_tokens * cachedInput + completion_tokens * output
  }
  return cost / million
}

/** Formats a cost with the digits that tell something: `12.30`, `0.0042`. */
export const formatCost = (cost: number): string => (cost >= 1 || cost === 0 ? cost.toFixed(2) : cost.toPrecision(2))

const sumOf = (traffic: ReadonlyArray<Traffic>, of: (one: Traffic) => number): number =>
  traffic.reduce((sum, one) => sum + of(one), 0)

/** Returns whether a run samples a model. The usage of other runs also counts the samples that rows bring. */
export const samples = ({ data_source: source }: Run.Run): boolean =>
  source?.type === "completions" || source?.type === "responses"

/** Formats the requests and tokens of a run. A run that asks nobody has none. */
export const formatAsking = ({ priceOf, traffic }: Asking, run: Run.Run): ReadonlyArray<string> => {
  const usage = samples(run) ? (run.per_model_usage ?? []) : []
  const asked = traffic.filter(({ inFlight, sent, waiting }) => sent + inFlight + waiting > 0)
  const waiting = sumOf(asked, (one) => one.waiting)
  const held = Math.max(0, ...asked.map(({ heldMillis }) => heldMillis))
  const down = asked.filter(({ down: isDown }) => isDown)
  const tokens = usage.reduce((sum, { total_tokens }) => sum + total_tokens, 0)
  const cost = usage.length === 0 ? undefined : costOf(usage, priceOf)
  const rate = sumOf(asked, ({ requestsPerSecond }) => requestsPerSecond)
  return [
    ...(asked.length === 0
      ? []
      : [
          `${rate < 10 ? rate.toFixed(1) : count(rate)} requests/s`,
          `${count(sumOf(asked, ({ inFlight }) => inFlight))} in flight`,
          ...(waiting === 0 ? [] : [`${count(waiting)} waiting for limits`])
        ]),
    ...(held < 1000 ? [] : [`held for ${roughDuration(held / 1000)}`]),
    ...down.map(({ endpoint }) => `${endpoint} is down`),
    ...(tokens === 0 ? [] : [quantity(tokens, "token")]),
    ...(cost === undefined ? [] : [`cost ${formatCost(cost)}`])
  ]
}
