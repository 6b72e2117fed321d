/**
 * What benchmarks share: their results, medians, and processes of their own.
 */
import { fork } from "node:child_process"
import { once } from "node:events"

/** One line of the table. */
export interface Result {
  readonly benchmark: string
  readonly ours: string
  readonly theirs: string
  /** Ours to theirs; absent where there is nothing to compare with. */
  readonly ratio?: number
  /** What is aimed at, in words; absent for a line that only informs. */
  readonly target?: string
  readonly met?: boolean
}

/** A benchmark: its name on the command line, and what it measures. */
export interface Benchmark {
  readonly name: string
  readonly run: () => Promise<ReadonlyArray<Result>>
}

/** The value in the middle: one slow run, when the machine does something else, does not count. */
export const median = (values: ReadonlyArray<number>): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) throw new Error("the median of nothing")
  return (lower + upper) / 2
}

/** CPU seconds of this process while it does something, its garbage collection and compilation included. */
export const cpuSeconds = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { system, user } = process.cpuUsage(before)
  return (system + user) / 1e6
}

/**
 * Runs a worker in a process of its own and gives the figures that it reports. No subject then profits or suffers from what the one before left behind.
 */
export const inOwnProcess = async (...args: ReadonlyArray<string>): Promise<ReadonlyArray<number>> => {
  const child = fork(new URL("./worker.ts", import.meta.url), args)
  const exit = once(child, "exit")
  const reported: unknown = await Promise.race([
    once(child, "message").then(([message]) => message),
    exit.then(([code]) => new Error(`${args.join(" ")} ended with ${code} and reported nothing`))
  ])
  await exit
  if (!Array.isArray(reported) || !reported.every((figure) => typeof figure === "number")) throw reported
  return reported
}

/**
 * Measures subjects in turns, so that all of them see the same machine, and gives
 * the median of each figure.
 */
export const inTurns = async <Subject extends string>(
  subjects: ReadonlyArray<Subject>,
  rounds: number,
  measure: (subject: Subject) => Promise<ReadonlyArray<number>>
): Promise<(subject: Subject, figure?: number) => number> => {
  const measured = new Map<Subject, Array<ReadonlyArray<number>>>()
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      measured.set(subject, [...(measured.get(subject) ?? []), await measure(subject)])
    }
  }
  return (subject, figure = 0) => median((measured.get(subject) ?? []).map((figures) => figures[figure] ?? Number.NaN))
}

/** Gives a loopback host in a process of its own to something, and stops it. */
export const withHost = async <A>(use: (origin: string) => Promise<A>): Promise<A> => {
  const child = fork(new URL("./host.ts", import.meta.url))
  try {
    const [port] = await once(child, "message")
    return await use(`http://127.0.0.1:${port}`)
  } finally {
    child.kill()
  }
}
