/**
 * Shows how far an archive is.
 */
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { Progress, Retrying } from "../archive/Report.ts"
import { withProgressLine } from "./progressLine.ts"
import { byteSize, count, roughDuration } from "../report/format.ts"

const what: { readonly [kind in Retrying["kind"]]: string } = {
  evals: "eval",
  runs: "run",
  output_items: "item",
  files: "file"
}

const nameOf = ({ id, kind }: Retrying): string => (id === "*" ? `the list of ${kind}` : `${what[kind]} ${id}`)

/** The words for how far an archive is; `rate` is in items a second, and `now` in Unix milliseconds. */
export const line = (progress: Progress, rate: number, now: number): string => {
  const { evals, files, heldUntil, inFlight, items, retrying, runs } = progress
  const of = (name: string, part: { readonly done: number; readonly total: number }) =>
    `${name} ${count(part.done)}/${count(part.total)}`
  const left = Math.max(0, items.total - items.done)
  // runs are listed eval by eval: until all are, more may follow
  const more = evals.done < evals.total ? "at least " : "about "
  const [one, ...others] = retrying
  const failing = one !== undefined && others.length === 0 ? nameOf(one) : count(retrying.length)
  const since = Math.min(...retrying.map((part) => part.since))
  return [
    ...(heldUntil > now ? [`the host asks to wait ${roughDuration((heldUntil - now) / 1000)}`] : []),
    // first, since a terminal may be too narrow for the rest
    ...(retrying.length === 0 ? [] : [`${failing} failing for ${roughDuration((now - since) / 1000)}`]),
    of("items", items),
    of("runs", runs),
    of("evals", evals),
    of("files", files),
    `${count(rate)}/s`,
    ...(left > 0 && rate > 0 ? [`${more}${roughDuration(left / rate)} left`] : []),
    byteSize(progress.bytes),
    `${inFlight} at a time`
  ].join("  ")
}

/** How many failures are told as they come; the report names all. */
const told = 5

// each failure is told once, with its request
const notesOf = () => {
  const known = new Set<string>()
  return ({ retrying }: Progress): ReadonlyArray<string> => {
    const fresh = retrying.filter((one) => !known.has(nameOf(one)))
    const room = Math.max(0, told - known.size)
    for (const one of fresh) known.add(nameOf(one))
    const last = room > 0 && fresh.length >= room ? ["further failures are named in the report alone"] : []
    return [
      ...fresh
        .slice(0, room)
        .map(
          (one) =>
            `${nameOf(one)} cannot be read now: ${one.message}; it is set aside, tried again, and given up after 2 minutes`
        ),
      ...last
    ]
  }
}

/** Runs an archive that tells its progress, and shows it on standard error meanwhile. */
export const shown = <A, E, R>(
  work: (onProgress: (progress: Progress) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Stdio.Stdio | Terminal.Terminal> =>
  Effect.suspend(() =>
    withProgressLine(
      {
        done: (progress: Progress) => progress.items.done,
        line: (progress, rate, _drawn, now) => line(progress, rate, now),
        notes: notesOf(),
        stays: false
      },
      work
    )
  )
