/**
 * What reading costs: a page of 100 output items read and validated, against
 * `JSON.parse` of the same text.
 */
import { OutputItem, Page } from "effect-evals"
import { Bench } from "tinybench"
import { decoder } from "../src/internal/codec.ts"
import { type Benchmark, median, type Result } from "./lib/harness.ts"
import { page } from "./lib/payload.ts"

const rounds = 5

export const decode: Benchmark = {
  name: "decode",
  run: async () => {
    const results: Array<Result> = []
    const read = decoder(Page(OutputItem.OutputItem))
    for (const size of [1000, 10_000]) {
      const text = page(0, 100, size, true)
      if (read(text)._tag !== "Success") throw new Error("the page is refused")
      const ours: Array<number> = []
      const theirs: Array<number> = []
      for (let round = 0; round < rounds; round++) {
        const bench = new Bench({ time: 300, warmupTime: 100 })
        bench.add("ours", () => void read(text)).add("theirs", () => void JSON.parse(text))
        await bench.run()
        const micros = (name: string) => {
          const task = bench.getTask(name)
          if (task?.result?.state !== "completed") throw new Error(`${name} did not run`)
          return 1000 * task.result.latency.p50
        }
        ours.push(micros("ours"))
        theirs.push(micros("theirs"))
      }
      const ratio = median(ours.map((value, i) => value / (theirs[i] ?? Number.NaN)))
      results.push({
        benchmark: `reading a page of 100 items of ${(text.length / 100_000).toFixed(1)} KB / JSON.parse`,
        ours: `${median(ours).toFixed(0)} µs`,
        theirs: `${median(theirs).toFixed(0)} µs`,
        ratio,
        target: "<= 1.25",
        met: ratio <= 1.25
      })
    }
    return results
  }
}
