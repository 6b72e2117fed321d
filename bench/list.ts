/**
 * What a list costs: 20,000 output items of about 1 KB in pages of 100, in CPU time;
 * and how much of the host's time a consumer that takes its own time waits for.
 */
import { type Benchmark, inOwnProcess, inTurns, withHost } from "./lib/harness.ts"

const items = 20_000
const slowItems = 4000
const millisPerPage = 10

export const list: Benchmark = {
  name: "list",
  run: () =>
    withHost(async (origin) => {
      const cpu = await inTurns(["effect-evals, fetch", "effect-evals, undici", "openai-node"], 3, (subject) =>
        inOwnProcess("list", subject, origin, String(items))
      )
      const wall = await inTurns(["effect-evals, fetch", "openai-node"], 3, (subject) =>
        inOwnProcess("overlap", subject, `${origin}/slow`, String(slowItems), String(millisPerPage))
      )
      const cpuLine = (ours: "effect-evals, fetch" | "effect-evals, undici") => {
        const ratio = cpu(ours) / cpu("openai-node")
        return {
          benchmark: `CPU for ${items} output items: ${ours} / openai-node`,
          ours: `${(1000 * cpu(ours)).toFixed(0)} ms`,
          theirs: `${(1000 * cpu("openai-node")).toFixed(0)} ms`,
          ratio,
          target: "< 1",
          met: ratio < 1
        }
      }
      const ratio = wall("effect-evals, fetch") / wall("openai-node")
      return [
        cpuLine("effect-evals, fetch"),
        cpuLine("effect-evals, undici"),
        {
          benchmark: `time for ${slowItems / 100} pages, host and consumer 10 ms each / openai-node`,
          ours: `${wall("effect-evals, fetch").toFixed(2)} s`,
          theirs: `${wall("openai-node").toFixed(2)} s`,
          ratio,
          target: "<= 0.6",
          met: ratio <= 0.6
        }
      ]
    })
}
