/**
 * What a request costs: `retrieveRun` per CPU second of the client's process, one
 * at a time and 50 at a time, against a host on loopback.
 */
import { type Benchmark, inOwnProcess, inTurns, type Result, withHost } from "./lib/harness.ts"

const subjects = [
  "effect-evals, undici",
  "effect-evals, fetch",
  "openai-node",
  "HttpClient, undici",
  "bare undici"
] as const
type Subject = (typeof subjects)[number]
const rounds = 3

const inFlight = [1, 50]

export const requests: Benchmark = {
  name: "requests",
  run: () =>
    withHost(async (origin) => {
      const perSecond = await inTurns(subjects, rounds, (subject) =>
        inOwnProcess("retrieve", subject, origin, ...inFlight.map(String))
      )
      return inFlight.flatMap((count, figure) => {
        const line = (ours: Subject, theirs: Subject, least?: number): Result => {
          const ratio = perSecond(ours, figure) / perSecond(theirs, figure)
          return {
            benchmark: `requests per CPU second, ${count} in flight: ${ours} / ${theirs}`,
            ours: perSecond(ours, figure).toFixed(0),
            theirs: perSecond(theirs, figure).toFixed(0),
            ratio,
            ...(least === undefined ? {} : { target: `>= ${least}`, met: ratio >= least })
          }
        }
        const cpu = (ours: Subject, theirs: Subject, most?: number): Result => {
          const micros = (subject: Subject) => 1e6 / perSecond(subject, figure)
          const ratio = micros(ours) / micros(theirs)
          return {
            benchmark: `CPU of a request, ${count} in flight: ${ours} / ${theirs} without spans`,
            ours: `${micros(ours).toFixed(0)} µs`,
            theirs: `${micros(theirs).toFixed(0)} µs`,
            ratio,
            ...(most === undefined ? {} : { target: `<= ${most}`, met: ratio <= most })
          }
        }
        return [
          line("effect-evals, undici", "openai-node", 1.5),
          line("effect-evals, fetch", "openai-node", 0.9),
          cpu("effect-evals, undici", "HttpClient, undici", count === 50 ? 1.35 : undefined),
          line("effect-evals, undici", "bare undici")
        ]
      })
    })
}
