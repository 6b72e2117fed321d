/**
 * A project of a host: evals, runs, output items and files, each text made from
 * a seed when it is asked for. Ids depend on places only, so that two projects
 * have the same ids and other texts.
 */
import { createHash } from "node:crypto"
import { hash, random, type Random } from "./random.ts"
import { list, type Member, object, odd, text } from "./texts.ts"

/** What a project consists of. */
export interface Shape {
  readonly seed: number
  readonly evals: number
  /** How many items each run of an eval has. Every eval has these runs. */
  readonly runs: ReadonlyArray<number>
  /** Files: some are for evals, some are not, and not all are referred to by a run. Default 0. */
  readonly files?: number
  /** The size of the first file. Default a few rows. */
  readonly largeFile?: number
  /** The size of the text of one item of the project. Default that of the others. */
  readonly largeItem?: number
  /** Whether the items of all runs have the same ids. */
  readonly sharedItems?: boolean
  /** Whether some runs have not ended: one of ten. They end when the project grows old. */
  readonly unfinished?: boolean
  /** Whether some runs have a status that nobody knows: one of 25. They never end. */
  readonly unknownStatus?: boolean
  /** Whether texts are ordinary ones, which are quick to make; an item has about 1 KB, and `judged` 8 KB more. */
  readonly plain?: boolean
  /** Whether items hold what a judge was asked and said. */
  readonly judged?: boolean
}

/** A project. `age` counts the times at which it has changed. */
export interface Project {
  readonly shape: Shape
  readonly evalId: (index: number) => string
  readonly runId: (index: number) => string
  readonly itemId: (run: number, index: number) => string
  readonly fileId: (index: number) => string
  /** The place of an id; undefined for one that is not of this project. */
  readonly evalOf: (id: string) => number | undefined
  readonly runOf: (id: string) => number | undefined
  readonly itemOf: (id: string) => number | undefined
  readonly fileOf: (id: string) => number | undefined
  readonly runs: number
  /** The items that a run counts. */
  readonly total: (run: number, age: number) => number
  readonly status: (run: number, age: number) => string
  readonly passes: (run: number, item: number) => boolean
  readonly evalText: (index: number, age: number) => string
  readonly runText: (run: number, age: number) => string
  readonly itemText: (run: number, item: number) => string
  readonly fileText: (index: number) => string
  readonly purpose: (file: number) => string
  readonly fileSize: (index: number) => number
  /** The bytes of a file, in pieces. */
  readonly fileContent: (index: number) => Generator<Uint8Array>
  /** The file that a run refers to. */
  readonly sourceOf: (run: number) => string | undefined
}

const hex = (value: number): string => value.toString(16).padStart(8, "0")

const id = (prefix: string, ...places: ReadonlyArray<number>): string => {
  const head = places.map(hex).join("")
  return `${prefix}${head}${hex(hash(prefix + head))}`
}

const index = (found: string, prefix: string, at: number): number =>
  Number.parseInt(found.slice(prefix.length + at, prefix.length + at + 8), 16)

const counts = (total: number, failed: number): string =>
  `{"total":${total},"errored":0,"failed":${failed},"passed":${total - failed}}`

const row = (random: Random, n: number): string =>
  object(random, [
    ["text", text(`message ${n}, ${"é東🚀".repeat(random.whole(20))}`)],
    ["label", '"Hardware"'],
    ...odd(random)
  ])

const message = (role: string, content: string): string => `{"role":${text(role)},"content":${text(content)}}`

const said = "The answer names the department that the message calls for, and nothing else. "

/** What a judge was asked and said, as results hold it: about 8 KB. */
const judged = (n: number): string =>
  `{"input":[{"role":"user","content":${text(`Is this right? ${n} ${said.repeat(48)}`)}}],"output":[{"role":"assistant","content":${text(`{"steps":[{"description":"${said.repeat(48)}","conclusion":"yes"}],"result":1.0}`)}}],"finish_reason":"stop","model":"o4-mini-2025-04-16","error":null,"seed":null}`

const plainItem = (itemId: string, runId: string, evalId: string, n: number, status: string, judge: string): string =>
  `{"object":"eval.run.output_item","id":"${itemId}","created_at":${1_750_000_000 + n},"run_id":"${runId}","eval_id":"${evalId}","status":"${status}","datasource_item_id":${n},"datasource_item":{"text":"message ${n} of a customer whose screen stays black since the update ${"and the light blinks ".repeat(12)}","label":"Hardware"},"results":[{"name":"label-5f0c3a52-90b4-4f0e-9b53-6f1a5a0f7c11","sample":${judge},"passed":${status === "pass"},"score":1.0}],"sample":{"input":[{"role":"user","content":"Which department? message ${n}"}],"output":[{"role":"assistant","content":"Hardware"}],"finish_reason":"stop","model":"gpt-4.1-2025-04-14","usage":{"total_tokens":60,"completion_tokens":2,"prompt_tokens":58,"cached_tokens":0},"error":null,"temperature":1.0,"max_completions_tokens":4096,"top_p":1.0,"seed":null}}`

/** Makes a project. */
export const make = (shape: Shape): Project => {
  const { seed } = shape
  const perEval = shape.runs.length
  const runs = shape.evals * perEval
  const fileCount = shape.files ?? 0
  const evalId = (eval_: number) => id("eval_", eval_)
  const runId = (run: number) => id("evalrun_", run)
  const itemId = (run: number, item: number) => id("outputitem_", shape.sharedItems === true ? 0 : run, item)
  const fileId = (file: number) => id("file-", file)
  const size = (run: number) => shape.runs[run % perEval] ?? 0
  const known = (found: number, below: number, again: (index: number) => string, given: string) =>
    found < below && again(found) === given ? found : undefined

  const neverEnds = (run: number) => shape.unknownStatus === true && run % 25 === 24
  const endsLater = (run: number) => shape.unfinished === true && run % 10 === 7
  const status = (run: number, age: number) =>
    neverEnds(run)
      ? "held_for_review"
      : endsLater(run) && age === 0
        ? "in_progress"
        : run % 12 === 5
          ? "failed"
          : run % 12 === 9
            ? "canceled"
            : "completed"
  const total = (run: number, age: number) => (endsLater(run) && age === 0 ? Math.floor(size(run) / 2) : size(run))
  const passes = (run: number, item: number) => (run + item * 7) % 3 !== 0

  const sourceOf = (run: number): string | undefined =>
    fileCount === 0
      ? undefined
      : run % 30 === 29
        ? id("file-", 0xdead)
        : run % 3 === 0
          ? fileId(run % fileCount)
          : undefined

  const fileSize = (file: number) => (file === 0 ? (shape.largeFile ?? 3000) : file === 1 ? 0 : 1000 + file * 37)

  return {
    shape,
    evalId,
    runId,
    itemId,
    fileId,
    evalOf: (given) => known(index(given, "eval_", 0), shape.evals, evalId, given),
    runOf: (given) => known(index(given, "evalrun_", 0), runs, runId, given),
    itemOf: (given) => {
      const run = index(given, "outputitem_", 0)
      return known(index(given, "outputitem_", 8), size(run), (item) => itemId(run, item), given)
    },
    fileOf: (given) => known(index(given, "file-", 0), fileCount, fileId, given),
    runs,
    total,
    status,
    passes,
    sourceOf,
    evalText: (eval_, age) => {
      if (shape.plain === true)
        return `{"id":"${evalId(eval_)}","object":"eval","name":"tickets ${eval_}","created_at":${1_750_000_000 + eval_},"metadata":{}}`
      const changed = age > 0 && eval_ % 7 === 2
      const chance = random(seed, "eval", eval_, changed ? age : 0)
      return object(chance, [
        ["id", '"eval_before"'],
        ["id", text(evalId(eval_))],
        ["object", '"eval"'],
        ["name", text(`tickets ${eval_}, ${changed ? "renamed" : "as made"}`)],
        ["created_at", String(1_750_000_000 + eval_)],
        [
          "data_source_config",
          `{"type":"custom","max_items":null,"schema":{"type":"object","properties":{"item":{}}}}`
        ],
        [
          "testing_criteria",
          list(chance, [
            `{"type":"string_check","id":"c-1","grdr_id":null,"inactive_at":null,"name":"c"}`,
            `{"type":"a_new_kind"}`
          ])
        ],
        ["metadata", '{"team":"é"}'],
        ...odd(chance)
      ])
    },
    runText: (run, age) => {
      const of = total(run, age)
      const failed = Array.from({ length: of }, (_, item) => item).filter((item) => !passes(run, item)).length
      const source = sourceOf(run)
      const dataSource =
        source === undefined
          ? '{"type":"jsonl","source":{"type":"file_content","content":[{"item":{"a":9007199254740993}}]},"sampling_params":null}'
          : `{"type":"jsonl","source":{"type":"file_id","id":${text(source)}}}`
      const members: ReadonlyArray<Member> = [
        ["id", text(runId(run))],
        ["object", '"eval.run"'],
        ["eval_id", text(evalId(Math.floor(run / perEval)))],
        ["status", text(status(run, age))],
        ["name", text(`run ${run}`)],
        ["model", '"gpt-4.1"'],
        ["created_at", String(1_750_000_000 + run)],
        ["report_url", text(`https://host.example/${run}`)],
        ["result_counts", counts(of, failed)],
        ["per_model_usage", "null"],
        ["per_testing_criteria_results", "null"],
        ["data_source", dataSource],
        ["metadata", "{}"],
        ["error", "null"],
        ["shared_with_openai", "false"]
      ]
      if (shape.plain === true) return `{${members.map(([name, value]) => `"${name}":${value}`).join(",")}}`
      const chance = random(seed, "run", run, endsLater(run) ? age : 0)
      return object(chance, [["status", '"queued"'], ...members, ...odd(chance)])
    },
    itemText: (run, item) => {
      const of = [itemId(run, item), runId(run), evalId(Math.floor(run / perEval))] as const
      const outcome = passes(run, item) ? "pass" : "fail"
      if (shape.plain === true) return plainItem(...of, item, outcome, shape.judged === true ? judged(item) : "null")
      const chance = random(seed, "item", run, item)
      const large =
        shape.largeItem !== undefined && run === 2 && item === 0 ? "\u00e9\\".repeat(shape.largeItem / 4) : ""
      return object(chance, [
        ["id", text(of[0])],
        ["object", '"eval.run.output_item"'],
        ["run_id", text(of[1])],
        ["eval_id", text(of[2])],
        ["created_at", String(1_750_000_000 + item)],
        ["status", '"pending"'],
        ["status", text(outcome)],
        ["datasource_item_id", String(item)],
        ["datasource_item", row(chance, item)],
        ["results", list(chance, [`{"name":"c-1","sample":null,"passed":${outcome === "pass"},"score":1.0}`])],
        [
          "sample",
          `{"input":[${message("user", `q ${item} ${large}`)}],"output":[],"finish_reason":"","model":"gpt-4.1-2025-04-14","usage":null,"error":${item % 50 === 3 ? '{"code":"invalid_image_url","message":"Timeout","type":"invalid_request_error"}' : "null"},"temperature":1.0,"max_completions_tokens":4096,"top_p":1.00,"seed":null}`
        ],
        ...odd(chance)
      ])
    },
    fileText: (file) => {
      const chance = random(seed, "file", file)
      return object(chance, [
        ["id", text(fileId(file))],
        ["object", '"file"'],
        ["purpose", text(file % 4 === 3 ? "user_data" : "evals")],
        ["filename", text(file % 5 === 4 ? `../rows ${file}/é.jsonl` : `rows-${file}.jsonl`)],
        ["bytes", String(fileSize(file))],
        ["created_at", String(1_750_000_000 + file)],
        ["expires_at", "null"],
        ["status", '"processed"'],
        ["status_details", "null"],
        ...odd(chance)
      ])
    },
    purpose: (file) => (file % 4 === 3 ? "user_data" : "evals"),
    fileSize,
    *fileContent(file) {
      // bytes that are no text, so that whoever decodes them shows
      const pattern = createHash("sha512").update(`${seed}/${file}`).digest()
      const piece = new Uint8Array(65_536)
      for (let at = 0; at < piece.length; at++) piece[at] = (pattern[at % 64] ?? 0) ^ (at >> 6)
      for (let left = fileSize(file), number = 0; left > 0; left -= piece.length, number++) {
        const stamped = piece.slice(0, Math.min(left, piece.length))
        if (stamped.length > 4) new DataView(stamped.buffer).setUint32(0, number)
        yield stamped
      }
    }
  }
}
