import { Effect, Stream } from "effect"
import { EvalsEngine } from "effect-evals/engine"
import { readFileSync, rmSync, readdirSync } from "node:fs"

const [place = "memory", kind = "string", n = "1000"] = process.argv.slice(2)
const rows = Number(n)
const words = "the quick brown fox jumps over a lazy dog while printers refuse paper and screens stay dark until somebody restarts them slowly".split(" ")
const prose = (seed: number, chars: number) => {
  let text = ""
  for (let i = 0; text.length < chars; i++) text += (i ? " " : "") + words[(seed * 31 + i * i * 7 + i) % words.length]
  return text.slice(0, chars)
}
const line = (i: number) => kind === "string"
  ? JSON.stringify({ item: { ticket_text: prose(i, 60), correct_label: "Hardware", priority: i % 3 }, sample: { output_text: i % 7 === 0 ? "Software" : "Hardware" } })
  : JSON.stringify({ item: { question: prose(i, 40), reference: prose(i, 80 + i % 120) }, sample: { output_text: prose(i + (i % 5 ? 1: 0), 80 + (i * 7) % 120) } })
const content = Stream.range(0, Math.ceil(rows / 1000) - 1).pipe(Stream.map((part) => {
  let text = ""
  for (let i = part * 1000; i < Math.min(rows, part * 1000 + 1000); i++) text += line(i) + "\n"
  return new TextEncoder().encode(text)
}))
const hwm = (pid: number | string) => { try { const s = readFileSync(`/proc/${pid}/status`, "utf8"); return Number(/VmHWM:\s+(\d+)/.exec(s)?.[1]) / 1024 } catch { return 0 } }
const children = () => readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean)
const cpuOf = (pid: string) => { const f = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" "); return (Number(f[11]) + Number(f[12])) / 100 }
const file = process.env["DB"] ?? `/tmp/t3/bench-${process.pid}.db`
const phase = process.env["PHASE"] ?? "both"
const layer = place === "memory" ? EvalsEngine.layerMemory : EvalsEngine.layerSqlite({ filename: file })
const program = Effect.gen(function* () {
  const engine = yield* EvalsEngine.EvalsEngine
  const caller = yield* engine.caller(undefined)
  const ident = { key: undefined, repeated: false, contentSha256: "x" }
  const made: any = phase === "run" ? JSON.parse(yield* engine.listEvals(caller, { limit: 1, order: "desc", orderBy: "created_at", after: undefined })).data[0] : JSON.parse(yield* engine.createEval(caller, {
    name: "bench", metadata: {}, 
    data_source_config: { type: "custom", item_schema: { type: "object" }, include_sample_schema: true },
    testing_criteria: [kind === "string"
      ? { type: "string_check", name: "label", input: "{{ sample.output_text }}", reference: "{{ item.correct_label }}", operation: "eq" }
      : { type: "text_similarity", name: "near", input: "{{ sample.output_text }}", reference: "{{ item.reference }}", evaluation_metric: "fuzzy_match", pass_threshold: 0.8 }]
  } as any, ident))
  const t0 = performance.now()
  const f: any = phase === "run" ? JSON.parse(yield* engine.listFiles(caller, { limit: 1, order: "desc", after: undefined, purpose: undefined })).data[0] : JSON.parse(yield* engine.createFile(caller, content, Effect.succeed({ filename: "rows.jsonl", purpose: "evals", expiresAfter: undefined }), ident))
  const t1 = performance.now()
  if (phase === "upload") return
  const cpu1 = process.cpuUsage()
  const kids1 = children().map(cpuOf)
  const run: any = JSON.parse((yield* engine.createRun(caller, made.id, { name: undefined, metadata: {}, dataSource: { type: "jsonl", source: { type: "file_id", id: f.id } } as any, rows: undefined }, ident)) as string)
  const t2 = performance.now()
  const events = yield* engine.watchRun(caller, made.id, run.id)
  let last = ""
  yield* Stream.runForEach(events, (e) => Effect.sync(() => { last = e }))
  const t3 = performance.now()
  const cpu = process.cpuUsage(cpu1)
  const kids = children().map(cpuOf)
  const r = JSON.parse(last)
  console.log(JSON.stringify({ place, kind, rows, bytes: f.bytes, status: r.status, counts: r.result_counts, upload: +(t1 - t0).toFixed(0), validate: +(t2 - t1).toFixed(0), run: +(t3 - t2).toFixed(0), perSecond: Math.round(rows / (t3 - t1) * 1000), mainCpu: (cpu.user + cpu.system) / 1e6, mainSys: cpu.system/1e6, kidsCpu: kids, hwm: hwm(process.pid), kidsHwm: children().map(hwm) }))
})
await Effect.runPromise(program.pipe(Effect.provide(layer)))
for (const f of readdirSync("/tmp/t3")) if (phase !== "upload" && process.env["DB"] === undefined && f.startsWith(`bench-${process.pid}.db`)) rmSync(`/tmp/t3/${f}`)
