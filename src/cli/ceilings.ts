/**
 * The ceilings of a run, as headers of the request that creates it. They are stored with the run, and hold when it is
 * resumed.
 */
import * as Option from "effect/Option"
import type * as Flags from "./commands/flags.ts"

// a header has no exponent: 1e-7
const decimal = (value: number): string =>
  value.toLocaleString("en-US", { useGrouping: false, maximumFractionDigits: 20 })

/** Returns the headers for the ceilings that are given. */
export const ceilingHeaders = ({
  maxCost,
  maxRequests,
  maxTokens
}: Flags.Ceilings): { readonly [name: string]: string } =>
  Object.fromEntries(
    Object.entries({
      "evals-max-requests": maxRequests,
      "evals-max-tokens": maxTokens,
      "evals-max-cost": maxCost
    }).flatMap(([name, value]) => (Option.isSome(value) ? [[name, decimal(value.value)]] : []))
  )
