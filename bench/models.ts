/**
 * Runs that ask models, end to end, against a model server in another process: how near they come to the time that the
 * latencies allow, the throughput without latency beside openai-node, and a rate limit that is learned.
 *
 * Arguments of `node --conditions=effect-evals-source bench/models.ts`: names of measurements.
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Effect, Layer, Stream } from "effect"
import { createEval, executeRun, uploadFile, Upload } from "effect-evals"
import { EvalsEngine, Models } from "effect-evals/engine"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import OpenAI from "openai"
import type { Benchmark, Result } from "./lib/harness.ts"

interface Seen {
  readonly first: number
  readonly answered: number
  readonly refused: number
  readonly late: { readonly answered: number; readonly refused: number }
  readonly now: number
}

const isSeen = (value: unknown): value is Seen => typeof value === "object" && value !== null && "late" in value

const modelServer = async (...args: ReadonlyArray<number>) => {
  const child = fork(new URL("./lib/model-server.ts", import.meta.url), args.map(String))
  const [url] = await once(child, "message")
  const seen = async (): Promise<Seen> => {
    child.send("seen")
    const [message] = await once(child, "message")
    if (!isSeen(message)) throw new Error("the model server sent something else")
    return message
  }
  return { baseUrl: String(url), seen, stop: () => child.disconnect() }
}

const encoder = new TextEncoder()
const linesAtOnce = 1000

const rowsOf = (count: number) =>
  Stream.range(0, Math.ceil(count / linesAtOnce) - 1).pipe(
    Stream.rechunk(1),
    Stream.map((part) => {
      const first = part * linesAtOnce
      const lines = Array.from({ length: Math.min(linesAtOnce, count - first) }, (_, i) =>
        JSON.stringify({
          item: { n: first + i, text: `My order ${first + i} came without a part that I had paid for.` }
        })
      )
      return encoder.encode(`${lines.join("\n")}\n`)
    })
  )

const run = (count: number) =>
  Effect.gen(function* () {
    const { id } = yield* createEval({
      data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
      testing_criteria: [
        {
          type: "string_check",
          name: "n",
          input: "{{ sample.output_text }}",
          reference: "{{ item.n }}",
          operation: "eq"
        }
      ]
    })
    const file = yield* uploadFile({
      purpose: "evals",
      file: Upload.fromStream(rowsOf(count), { filename: "r.jsonl" })
    })
    const began = Date.now()
    const ended = yield* executeRun(id, {
      data_source: {
        type: "completions",
        model: "m",
        input_messages: {
          type: "template",
          template: [{ role: "user", content: "{{ item.text }} Its number is {{ item.n }}" }]
        },
        source: { type: "file_id", id: file.id }
      }
    })
    return { began, ended: Date.now(), counts: ended.result_counts }
  })

const engineOver = (baseUrl: string, filename: string, inFlight: number | undefined) =>
  EvalsEngine.layerClient().pipe(
    Layer.provide(EvalsEngine.layerSqlite({ filename })),
    Layer.provide(
      Models.layer([
        { match: "*", baseUrl, api: "chat", ...(inFlight === undefined ? {} : { limits: { inFlight } }) }
      ]).pipe(Layer.provide(NodeHttpClient.layerUndici))
    )
  )

const withEngine = async <A>(
  baseUrl: string,
  inFlight: number | undefined,
  program: Effect.Effect<A, unknown, Layer.Success<ReturnType<typeof engineOver>>>
): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), "effect-evals-bench-"))
  try {
    return await Effect.runPromise(Effect.provide(program, engineOver(baseUrl, join(folder, "evals.db"), inFlight)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The end of the last row, where rows start in their order on so many slots, in milliseconds. */
const makespan = (delays: ReadonlyArray<number>, slots: number): number => {
  const free = Array.from({ length: slots }, () => 0)
  for (const delay of delays) {
    const slot = free.indexOf(Math.min(...free))
    free[slot] = (free[slot] ?? 0) + delay
  }
  return Math.max(...free)
}

const floor = async (rare: number): Promise<ReadonlyArray<Result>> => {
  const server = await modelServer(200, rare)
  const { began, ended } = await withEngine(server.baseUrl, 64, run(2000))
  const { first } = await server.seen()
  server.stop()
  const least = makespan(
    Array.from({ length: 2000 }, (_, index) => ((index + 1) % 50 === 0 ? rare : 200)),
    64
  )
  const name = rare === 200 ? "each takes 200 ms" : `one in fifty takes ${rare / 1000} s`
  return [
    {
      benchmark: `models: 2,000 rows, 64 in flight, ${name}: from the first request to completed`,
      ours: `${((ended - first) / 1000).toFixed(2)} s`,
      theirs: `${(least / 1000).toFixed(2)} s`,
      ratio: (ended - first) / least,
      target: "<= 1.05",
      met: (ended - first) / least <= 1.05
    },
    {
      benchmark: `models: the same, from the creation to the first request`,
      ours: `${first - began} ms`,
      theirs: "",
      target: "<= 1000 ms",
      met: first - began <= 1000
    }
  ]
}

const held = (): number => (Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * 4096) / 1e6

const peak = async <A>(work: () => Promise<A>): Promise<readonly [A, number]> => {
  let most = held()
  const timer = setInterval(() => (most = Math.max(most, held())), 50)
  const value = await work()
  clearInterval(timer)
  return [value, most]
}

const throughput = async (count: number): Promise<{ readonly rate: number; readonly memory: number }> => {
  const server = await modelServer()
  const [{ began, ended }, memory] = await peak(() => withEngine(server.baseUrl, 64, run(count)))
  server.stop()
  return { rate: (count * 1000) / (ended - began), memory }
}

const alone = async (count: number): Promise<number> => {
  const server = await modelServer()
  const client = new OpenAI({ apiKey: "k", baseURL: server.baseUrl, maxRetries: 0 })
  const began = Date.now()
  let next = 0
  const work = async () => {
    while (next < count) {
      const n = next++
      await client.chat.completions.create({
        model: "m",
        messages: [
          { role: "user", content: `My order ${n} came without a part that I had paid for. Its number is ${n}` }
        ]
      })
    }
  }
  await Promise.all(Array.from({ length: 64 }, work))
  const rate = (count * 1000) / (Date.now() - began)
  server.stop()
  return rate
}

const fast = async (): Promise<ReadonlyArray<Result>> => {
  await throughput(1000)
  const some = await throughput(20_000)
  const theirs = await alone(5000)
  return [
    {
      benchmark: "models: 20,000 rows sampled and checked, without latency, beside openai-node that only samples",
      ours: `${Math.round(some.rate)}/s`,
      theirs: `${Math.round(theirs)}/s`,
      ratio: some.rate / theirs,
      target: ">= 1,500/s",
      met: some.rate >= 1500
    }
  ]
}

const learned = async (): Promise<ReadonlyArray<Result>> => {
  const results: Array<Result> = []
  for (const retryAfter of [0, 1]) {
    const server = await modelServer(200, 200, 50, retryAfter)
    await withEngine(server.baseUrl, 64, run(2000))
    const { answered, first, late, now } = await server.seen()
    server.stop()
    const rate = (answered * 1000) / (now - first)
    const share = late.refused / Math.max(1, late.refused + late.answered)
    results.push({
      benchmark: `models: 50 requests a second, learned, ${retryAfter === 0 ? "no header" : "retry-after"}; answered 429 after 10 s`,
      ours: `${rate.toFixed(1)}/s, ${(share * 100).toFixed(1)} %`,
      theirs: "50/s",
      ratio: rate / 50,
      target: ">= 0.95, < 2 %",
      met: rate >= 47.5 && share < 0.02
    })
  }
  return results
}

/** The peak memory of a run of so many rows in a process of its own. */
const memoryOf = async (count: number): Promise<number> => {
  const child = fork(import.meta.filename, ["memory", String(count)], { execArgv: process.execArgv })
  const [memory] = await once(child, "message")
  return Number(memory)
}

const memory = async (count: number): Promise<ReadonlyArray<Result>> => {
  const few = await memoryOf(1000)
  const many = await memoryOf(count)
  return [
    {
      benchmark: `models: memory of ${count.toLocaleString("en")} rows against 1,000, each in its own process`,
      ours: `${Math.round(many)} MB`,
      theirs: `${Math.round(few)} MB`,
      target: "<= 150 MB more",
      met: many - few <= 150
    }
  ]
}

const measurements = {
  floor: () => floor(200),
  uneven: () => floor(5000),
  fast,
  memory: () => memory(100_000),
  learned
}

const isMeasurement = (name: string): name is keyof typeof measurements => Object.hasOwn(measurements, name)

/** Runs that ask models. */
export const models: Benchmark = {
  name: "models",
  run: async () => [...(await floor(200)), ...(await floor(5000)), ...(await fast()), ...(await memory(20_000))]
}

if (import.meta.main) {
  const names = process.argv.slice(2)
  if (names[0] === "memory" && process.send !== undefined) {
    process.send((await throughput(Number(names[1]))).memory)
    process.exit()
  }
  for (const name of names.length === 0 ? Object.keys(measurements) : names) {
    if (isMeasurement(name)) console.table(await measurements[name]())
  }
  process.exit()
}
