/**
 * The progress of an archive.
 */
import * as Effect from "effect/Effect"
import type * as Stdio from "effect/Stdio"
import type * as Terminal from "effect/Terminal"
import type { Progress, Retrying } from "../archive/Report.ts"
import { withProgressLine } from "./progressLine.ts"
import { byteSize, count, roughDuration } from "../report/format.ts"

const kindNames: { readonly [kind in Retrying["kind"]]: string } = {
  evals: "eval",
  runs: "run",
  output_items: "item",
  files: "file"
}

const nameOf = ({ id, kind }: Retrying): string => (id === "*" ? `the list of ${kind}` : `${kindNames[kind]} ${id}`)

/** Formats the progress. `rate` is in items per second, and `now` in Unix milliseconds. */
export const formatProgress = (progress: Progress, rate: number, now: number): string => {
  const { evals, files, heldUntil, inFlight, items, retrying, runs } = progress
  const of = (name: string, part: { readonly done: number; readonly total: number }) =>
    `${name} ${count(part.done)}/${count(part.total)}`
  const left = Math.max(0, items.total - items.done)
  // the runs of evals that were not listed yet are not counted
  const more = evals.done < evals.total ? "at least " : "about "
  const [one, ...others] = retrying
  const failing = one !== undefined && others.length === 0 ? nameOf(one) : count(retrying.length)
  const since = Math.min(...retrying.map((part) => part.since))
  return [
    ...(heldUntil > now ? [`the host asks to wait ${roughDuration((heldUntil - now) / 1000)}`] : []),
    // at the start of the line: a narrow terminal cuts the end
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

/** The most failures that are reported while the archive goes on. The report at the end lists all. */
const mostNotes = 5

// each failure is reported once
const notesOf = () => {
  const known = new Set<string>()
  return ({ retrying }: Progress): ReadonlyArray<string> => {
    const fresh = retrying.filter((one) => !known.has(nameOf(one)))
    const room = Math.max(0, mostNotes - known.size)
    for (const one of fresh) known.add(nameOf(one))
    const last = room > 0 && fresh.length >= room ? ["further failures are listed in the report only"] : []
    return [
      ...fresh
        .slice(0, room)
        .map((one) => `${nameOf(one)} cannot be read now: ${one.message}; it is retried later, for at most 2 minutes`),
      ...last
    ]
  }
}

/** Runs an archive that reports its progress, and shows the progress meanwhile. */
export const withArchiveProgress = <A, E, R>(
  work: (onProgress: (progress: Progress) => Effect.Effect<void>) => Effect.Effect<A, E, R>
): Effect.Effect<A, E, R | Stdio.Stdio | Terminal.Terminal> =>
  Effect.suspend(() =>
    withProgressLine(
      {
        done: (progress: Progress) => progress.items.done,
        line: (progress, rate, _drawn, now) => formatProgress(progress, rate, now),
        notes: notesOf(),
        stays: false
      },
      work
    )
  )
