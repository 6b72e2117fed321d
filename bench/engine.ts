/**
 * What the engine does in a second: rows judged and stored, end to end from the
 * creation of the run to its end, in memory and in a file; the memory that it takes
 * as rows grow; and what its server answers. Each figure is of a process of its own.
 *
 * `node --conditions=effect-evals-source bench/engine.ts 1000 100000 1000000`
 */
import { Effect, Layer, Stream } from "effect"
import { createEval, EvalId, EvalsClient, executeRun, FileId, uploadFile, Upload } from "effect-evals"
import { EvalsEngine } from "effect-evals/engine"
import { NodeServer } from "effect-evals/server"
import { fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Agent, request } from "undici"
import type { Benchmark, Result } from "./lib/harness.ts"

const graders = {
  string_check: {
    type: "string_check",
    name: "label",
    input: "{{ sample.output_text }}",
    reference: "{{ item.label }}",
    operation: "eq"
  },
  text_similarity: {
    type: "text_similarity",
    name: "near",
    input: "{{ sample.output_text }}",
    reference: "{{ item.reference }}",
    evaluation_metric: "fuzzy_match",
    pass_threshold: 0.8
  }
} as const
type Grader = keyof typeof graders

const graderOf = (name: string): Grader => (name === "text_similarity" ? name : "string_check")

type Place = "memory" | "file"

const labels = ["Hardware", "Software", "Billing", "Shipping"] as const

/** A ticket of about 400 bytes, whose answer is right three times of four. */
const row = (grader: Grader, index: number): string => {
  const label = labels[index % 4] ?? "Other"
  const reference = `We are sorry about order ${index}, and have sent it on to ${label}: you will hear from us within two days.`
  const answer = grader === "string_check" ? (index % 7 < 5 ? label : "Other") : reference.replace("sorry", "glad")
  return JSON.stringify({
    item: { id: index, text: `My order ${index} came without the part that I had paid for.`, label, reference },
    sample: {
      model: "gpt-4.1-mini",
      choices: [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }]
    }
  })
}

const encoder = new TextEncoder()
const linesAtOnce = 1000

const fileOf = (grader: Grader, rows: number) =>
  Stream.range(0, Math.ceil(rows / linesAtOnce) - 1).pipe(
    // else all parts would be made before the first is sent
    Stream.rechunk(1),
    Stream.map((part) => {
      const first = part * linesAtOnce
      const lines = Array.from({ length: Math.min(linesAtOnce, rows - first) }, (_, i) => row(grader, first + i))
      return encoder.encode(`${lines.join("\n")}\n`)
    })
  )

const prepared = (grader: Grader, rows: number) =>
  Effect.gen(function* () {
    const { id } = yield* createEval({
      data_source_config: {
        type: "custom",
        item_schema: { type: "object", properties: { label: { type: "string" } }, required: ["label"] },
        include_sample_schema: true
      },
      testing_criteria: [graders[grader]]
    })
    const file = yield* uploadFile({
      purpose: "evals",
      file: Upload.fromStream(fileOf(grader, rows), { filename: "rows.jsonl" })
    })
    return { evalId: id, fileId: file.id }
  })

// =============================================================================
// memory
// =============================================================================

/** MB that a process holds, by the kernel; 0 where it cannot be told. */
const held = (pid: string | number): number => {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1])
    return (pages * 4096) / 1e6
  } catch {
    return 0
  }
}

const children = (): ReadonlyArray<string> => {
  try {
    return readdirSync(`/proc/${process.pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${process.pid}/task/${task}/children`, "utf8").trim().split(" ")
    )
  } catch {
    return []
  }
}

/** Watches the memory of this process, and of it with its workers. */
const peaks = () => {
  let own = 0
  let all = 0
  const look = () => {
    const now = held("self")
    own = Math.max(own, now)
    all = Math.max(
      all,
      children().reduce((sum, pid) => (pid === "" ? sum : sum + held(pid)), now)
    )
  }
  const timer = setInterval(look, 50)
  return () => {
    clearInterval(timer)
    look()
    return { own, all }
  }
}

// =============================================================================
// subjects, each in a process of its own
// =============================================================================

/** The client of an engine, in a file or, without a name, in memory. */
const clientOf = (filename: string) =>
  Layer.effect(EvalsClient.EvalsClient, EvalsEngine.makeClient({ timeout: "1 hour" })).pipe(
    Layer.provide(filename === "" ? EvalsEngine.layerMemory : EvalsEngine.layerSqlite({ filename }))
  )

const measuredRun = (evalId: EvalId, fileId: FileId, rows: number) =>
  Effect.gen(function* () {
    const stop = peaks()
    const began = performance.now()
    const run = yield* executeRun(evalId, { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } })
    const seconds = (performance.now() - began) / 1000
    const { all, own } = stop()
    if (run.result_counts.total !== rows || run.result_counts.errored > 0) throw new Error(run.status)
    return [seconds, own, all]
  })

/** What a process is told to do. Its first argument is a file, or empty: in memory. */
const tasks: Readonly<
  Record<
    string,
    (client: Layer.Layer<EvalsClient.EvalsClient, unknown>, ...args: ReadonlyArray<string>) => Promise<unknown>
  >
> = {
  // apart, so that what it leaves behind in memory is not taken for the run's
  upload: (client, grader = "", rows = "") =>
    Effect.runPromise(
      Effect.provide(
        Effect.map(prepared(graderOf(grader), Number(rows)), ({ evalId, fileId }) => [evalId, fileId]),
        client
      )
    ),
  execute: (client, evalId = "", fileId = "", rows = "") =>
    Effect.runPromise(Effect.provide(measuredRun(EvalId.make(evalId), FileId.make(fileId), Number(rows)), client)),
  both: (client, grader = "", rows = "") =>
    prepared(graderOf(grader), Number(rows)).pipe(
      Effect.flatMap(({ evalId, fileId }) => measuredRun(evalId, fileId, Number(rows))),
      Effect.provide(client),
      Effect.runPromise
    )
}

const served = 20_000

const serve = (): Promise<never> =>
  Effect.gen(function* () {
    const client = yield* EvalsEngine.makeClient()
    const { evalId, runId } = yield* Effect.gen(function* () {
      const { evalId, fileId } = yield* prepared("string_check", served)
      const run = yield* executeRun(evalId, { data_source: { type: "jsonl", source: { type: "file_id", id: fileId } } })
      return { evalId, runId: run.id }
    }).pipe(Effect.provideService(EvalsClient.EvalsClient, client))
    const { url } = yield* NodeServer.start({ port: 0 })
    process.send?.([url, evalId, runId])
    return yield* Effect.never
  }).pipe(Effect.scoped, Effect.provide(EvalsEngine.layerMemory), Effect.runPromise)

const [name = "", filename = "", ...args] = process.argv.slice(2)
const task = tasks[name]
if (process.send !== undefined) {
  if (task === undefined) await serve()
  else {
    process.send(await task(clientOf(filename), ...args))
    process.disconnect()
  }
}

// =============================================================================
// measuring
// =============================================================================

const inOwnProcess = async <A>(...args: ReadonlyArray<string>): Promise<ReadonlyArray<A>> => {
  const child = fork(import.meta.filename, args)
  const exit = once(child, "exit")
  const [reported]: Array<ReadonlyArray<A>> = await Promise.race([once(child, "message"), exit])
  await exit
  if (!Array.isArray(reported)) throw new Error(`${args.join(" ")} reported nothing`)
  return reported
}

const measured = async (grader: Grader, place: Place, rows: number): Promise<ReadonlyArray<number>> => {
  if (place === "memory") return inOwnProcess<number>("both", "", grader, String(rows))
  const folder = mkdtempSync(join(tmpdir(), "effect-evals-bench-"))
  try {
    const file = join(folder, "evals.db")
    const ids = await inOwnProcess<string>("upload", file, grader, String(rows))
    return await inOwnProcess<number>("execute", file, ...ids, String(rows))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const thousands = (value: number): string => Math.round(value).toLocaleString("en-US")

const listing = async (): Promise<ReadonlyArray<Result>> => {
  const child = fork(import.meta.filename, ["serve"])
  const agent = new Agent({ connections: 16 })
  try {
    const [message]: ReadonlyArray<ReadonlyArray<string>> = await once(child, "message")
    const [url = "", evalId = "", runId = ""] = message ?? []
    const get = async (path: string): Promise<string> =>
      (await request(`${url}${path}`, { dispatcher: agent })).body.text()
    const list = async (): Promise<number> => {
      let items = 0
      for (let after = ""; ;) {
        const page = await get(`/evals/${evalId}/runs/${runId}/output_items?limit=100${after}`)
        items += 100
        if (page.endsWith('"has_more":false}')) return items
        after = `&after=${/"last_id":"([^"]+)"/.exec(page.slice(-200))?.[1]}`
      }
    }
    const rate = async (count: number, work: () => Promise<unknown>): Promise<number> => {
      const began = performance.now()
      await work()
      return (count * 1000) / (performance.now() - began)
    }
    const retrieve = (path: string, count: number) => () =>
      Promise.all(
        Array.from({ length: 16 }, async () => {
          for (let sent = 0; sent < count / 16; sent++) await get(path)
        })
      )
    const run = `/evals/${evalId}/runs/${runId}`
    await list()
    await retrieve(run, 2000)()
    const items = Math.max(await rate(served, list), await rate(served, list))
    const line = (benchmark: string, ours: number): Result => ({ benchmark, ours: `${thousands(ours)}/s`, theirs: "" })
    return [
      {
        ...line("engine: items listed over HTTP, one page after another", items),
        target: ">= 50,000/s",
        met: items >= 50_000
      },
      line("engine: runs retrieved over HTTP, 16 in flight", await rate(8000, retrieve(run, 8000))),
      line("engine: evals retrieved over HTTP, 16 in flight", await rate(8000, retrieve(`/evals/${evalId}`, 8000)))
    ]
  } finally {
    await agent.close()
    child.kill()
  }
}

const executing = async (sizes: ReadonlyArray<number>): Promise<ReadonlyArray<Result>> => {
  const results: Array<Result> = []
  for (const grader of ["string_check", "text_similarity"] as const) {
    for (const place of ["memory", "file"] as const) {
      let first: number | undefined
      const [smallest = 0] = sizes
      for (const rows of sizes) {
        const [seconds = Number.NaN, own = 0, all = 0] = await measured(grader, place, rows)
        first ??= own
        const perSecond = rows / seconds
        const aimed = grader === "string_check" && place === "file" && rows >= 100_000
        const what = `engine: ${grader} in ${place === "file" ? "a file" : "memory"}, ${thousands(rows)} rows`
        results.push({
          benchmark: what,
          ours: `${thousands(perSecond)}/s`,
          theirs: "",
          ...(aimed ? { target: ">= 20,000/s", met: perSecond >= 20_000 } : {})
        })
        const more = own - first
        results.push({
          benchmark: `${what}: memory, and with workers`,
          ours: `${Math.round(own)} MB, ${Math.round(all)} MB`,
          theirs: "",
          // what is in memory grows with its rows
          ...(aimed ? { target: `<= 150 MB more than ${thousands(smallest)} rows`, met: more <= 150 } : {})
        })
        console.error(results.slice(-2))
      }
    }
  }
  return results
}

/** What is quick of it, for `npm run bench`. */
export const engine: Benchmark = {
  name: "engine",
  run: async () => [...(await executing([1000, 100_000])), ...(await listing())]
}

if (import.meta.main && process.send === undefined) {
  const sizes = process.argv.slice(2).map(Number)
  for (const result of [...(await executing(sizes.length === 0 ? [1000, 100_000] : sizes)), ...(await listing())]) {
    console.log(JSON.stringify(result))
  }
}
