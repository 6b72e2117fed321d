/**
 * The part of a run's progress that is about models.
 */
import type { Traffic } from "../engine/models/Models.ts"
import { count, quantity, roughDuration } from "../report/format.ts"
import { formatTokens, spendingOf } from "../report/spending.ts"
import type * as Run from "../schema/Run.ts"

/** The requests to models while a run is executed. */
export interface Asking {
  /** The traffic of this process. Empty if another process or a host executes the run. */
  readonly traffic: ReadonlyArray<Traffic>
}

/** Nothing is known of models here. */
export const nothing: Asking = { traffic: [] }

const sumOf = (traffic: ReadonlyArray<Traffic>, of: (one: Traffic) => number): number =>
  traffic.reduce((sum, one) => sum + of(one), 0)

/** Returns whether a run samples a model. The usage of other runs also counts the samples that rows bring. */
export const samples = ({ data_source: source }: Run.Run): boolean =>
  source?.type === "completions" || source?.type === "responses"

/** The tokens and the cost of a run; of a host that does not say, the tokens of its models. */
const spent = (run: Run.Run): ReadonlyArray<string> => {
  const spending = spendingOf(run)
  if (spending !== undefined) return formatTokens(spending)
  const usage = samples(run) ? (run.per_model_usage ?? []) : []
  const tokens = usage.reduce((sum, { total_tokens }) => sum + total_tokens, 0)
  return tokens === 0 ? [] : [quantity(tokens, "token")]
}

/** Formats the requests and tokens of a run. A run that asks nobody has none. */
export const formatAsking = ({ traffic }: Asking, run: Run.Run): ReadonlyArray<string> => {
  const asked = traffic.filter(({ inFlight, sent, waiting }) => sent + inFlight + waiting > 0)
  const waiting = sumOf(asked, (one) => one.waiting)
  const held = Math.max(0, ...asked.map(({ heldMillis }) => heldMillis))
  const down = asked.filter(({ down: isDown }) => isDown)
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
    ...spent(run)
  ]
}
