/**
 * A host that answers as the hosted service does, and fails as it may. It knows
 * no network: `server.ts` puts it on a socket, `memory.ts` into a test.
 */
import { hash, random } from "./random.ts"
import { make as makeProject, type Project, type Shape } from "./project.ts"
import { object, space, text } from "./texts.ts"

/** What the host refuses: paths that match, from some request on. */
export interface Denial {
  /** A regular expression over path and query, `/v1` left out. */
  readonly path: string
  readonly status: number
  /** How many requests are answered before. Default 0. */
  readonly after?: number
}

/** Items that are not shown at once, though the run counts them. */
export interface Late {
  /** One run of so many has them. */
  readonly every: number
  /** One item of so many is late. */
  readonly share: number
  /**
   * How they come to be shown, the next way for the next run: some time after the
   * first look, only from the other end, only with a status, or never.
   */
  readonly ways: ReadonlyArray<"later" | "other end" | "by status" | "never">
  /** How much later, in milliseconds. */
  readonly millis?: number
}

/** How a host behaves. Shares are of requests, from 0 to 1. */
export interface Behaviour {
  /** Milliseconds before each answer. */
  readonly latency?: number
  /** After how many pages of output items no more are answered: whoever asks for one waits. */
  readonly heldAfter?: number
  /** 429, with the time to wait in one of its forms. */
  readonly refused?: number
  /** How long is to be waited after a 429, in milliseconds. Default 20. */
  readonly retryAfter?: number
  /** 500. */
  readonly failed?: number
  /** The connection is lost before the answer. */
  readonly lost?: number
  /** The connection is lost in the middle of the answer. */
  readonly cut?: number
  /** Answers that take `slowMillis` longer. */
  readonly slow?: number
  readonly slowMillis?: number
  readonly denials?: ReadonlyArray<Denial>
  /** Evals that are deleted after so many requests. */
  readonly deleted?: ReadonlyArray<{ readonly eval: number; readonly after: number }>
  readonly late?: Late
  /** How often the download of a file breaks off in the middle. */
  readonly brokenDownloads?: number
  /** Whether downloads end early, as if they were whole. */
  readonly shortDownloads?: boolean
  /** What `has_more` says: that nothing follows a page that is full, or that something follows the last. */
  readonly more?: "nothing" | "something"
  /** Whether the first page comes again behind the last one. */
  readonly cycles?: boolean
  /** Whether `after` is ignored. */
  readonly ignoresCursor?: boolean
  /** How often the project has changed. */
  readonly age?: number
}

/** A request. */
export interface Request {
  /** The path, `/v1` left out. */
  readonly path: string
  readonly query: URLSearchParams
  /** Milliseconds since 1970. */
  readonly now: number
}

/** An answer. */
export interface Reply {
  readonly delay: number
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: Iterable<Uint8Array>
  /** After how many bytes the connection is lost; 0 is before the head. */
  readonly lostAfter?: number
}

/** What has been asked of a host. */
export interface Stats {
  requests: number
  /** Pages of output items that were shown whole. */
  itemPages: number
  paths: Array<string>
}

/** A host. */
export interface Host {
  readonly project: Project
  readonly stats: Stats
  readonly reply: (request: Request) => Reply
  /** Makes the host behave otherwise, and forgets what was asked of it. */
  readonly behave: (behaviour: Behaviour) => void
}

const utf8 = new TextEncoder()

/** In milliseconds; no test waits so long. */
const hour = 3_600_000

interface Listed {
  readonly id: string
  readonly text: () => string
}

/** Makes a host of a project. */
export const make = (shape: Shape, initially: Behaviour = {}): Host => {
  const project = makeProject(shape)
  let behaviour = initially
  let chance = random(shape.seed, "faults")
  const stats: Stats = { requests: 0, itemPages: 0, paths: [] }
  const firstLook = new Map<number, number>()
  const downloads = new Map<number, number>()

  const headers = () => ({ "content-type": "application/json", "x-request-id": `req_${stats.requests}` })
  const answer = (status: number, body: string, more: { readonly [name: string]: string } = {}): Reply => ({
    delay: 0,
    status,
    headers: { ...headers(), ...more },
    body: [utf8.encode(body)]
  })
  const refusal = (status: number, said: string, more?: { readonly [name: string]: string }) =>
    answer(status, `{"error":{"message":${text(said)},"type":"invalid_request_error","param":null,"code":null}}`, more)
  const missing = (what: string) => refusal(404, `No ${what} found.`)

  const page = (all: ReadonlyArray<Listed>, query: URLSearchParams, most: number): Reply => {
    const after = query.get("after")
    const behind =
      after === null || behaviour.ignoresCursor === true ? 0 : all.findIndex((entry) => entry.id === after) + 1
    if (behind === 0 && after !== null && behaviour.ignoresCursor !== true) return missing(`object with id ${after}`)
    const start = behaviour.cycles === true && behind >= all.length ? 0 : behind
    const size = Math.min(most, Number(query.get("limit") ?? 20))
    const shown = all.slice(start, start + size)
    const honest = start + size < all.length
    const more =
      behaviour.more === "nothing"
        ? false
        : behaviour.more === "something" || behaviour.cycles === true
          ? shown.length > 0
          : honest
    if (shape.plain === true) {
      return answer(
        200,
        `{"object":"list","data":[${shown.map((entry) => entry.text()).join(",")}],"has_more":${more}}`
      )
    }
    const form = random(shape.seed, shown[0]?.id ?? "", start)
    const ends = form.chance(0.5) ? [text(shown[0]?.id ?? ""), text(shown.at(-1)?.id ?? "")] : ["null", "null"]
    const gap = () => space(form)
    const data = `[${gap()}${shown.map((entry) => `${gap()}${entry.text()}${gap()}`).join(",")}]`
    const body = object(form, [
      ["object", '"list"'],
      ["first_id", ends[0] ?? "null"],
      ["last_id", ends[1] ?? "null"],
      ...(form.chance(0.2) ? [["data", '[{"id":"of a list that is overruled"}]'] as const] : []),
      ["data", data],
      ["has_more", String(more)],
      ['an "unknown" ] }', '{"data":[]}']
    ])
    return answer(200, `${form.chance(0.3) ? "\ufeff" : ""}${gap()}${body}${gap()}`)
  }

  const age = () => behaviour.age ?? 0
  const isDeleted = (eval_: number) =>
    behaviour.deleted?.some((entry) => entry.eval === eval_ && stats.requests > entry.after) === true

  const evals = () => Array.from({ length: shape.evals }, (_, index) => index).filter((index) => !isDeleted(index))
  const listedEval = (index: number): Listed => ({
    id: project.evalId(index),
    text: () => project.evalText(index, age())
  })
  const listedFile = (index: number): Listed => ({ id: project.fileId(index), text: () => project.fileText(index) })

  const isLate = (run: number, item: number, query: URLSearchParams, now: number): boolean => {
    const { late } = behaviour
    if (late === undefined || run % late.every !== 0 || item % late.share !== late.share - 1) return false
    switch (late.ways[(run / late.every) % late.ways.length]) {
      case "later":
        return now < (firstLook.get(run) ?? now) + (late.millis ?? 0)
      case "other end":
        return query.get("order") !== "desc"
      case "by status":
        return query.get("status") === null
      default:
        return true
    }
  }

  const items = (run: number, query: URLSearchParams, now: number): Reply => {
    if (!firstLook.has(run)) firstLook.set(run, now)
    const status = query.get("status")
    const shown = Array.from({ length: project.total(run, age()) }, (_, item) => item).filter(
      (item) => !isLate(run, item, query, now) && (status === null || (status === "pass") === project.passes(run, item))
    )
    // the host's order is its own
    if (shape.plain !== true) shown.sort((a, b) => hash(`${run}/${a}`) - hash(`${run}/${b}`))
    if (query.get("order") === "desc") shown.reverse()
    stats.itemPages++
    return page(
      shown.map((item) => ({ id: project.itemId(run, item), text: () => project.itemText(run, item) })),
      query,
      100
    )
  }

  const content = (file: number): Reply => {
    const times = (downloads.get(file) ?? 0) + 1
    downloads.set(file, times)
    const size = project.fileSize(file)
    if (behaviour.shortDownloads === true) {
      const [first = new Uint8Array()] = project.fileContent(file)
      return { delay: 0, status: 200, headers: {}, body: [first.subarray(0, Math.floor(first.length / 2))] }
    }
    return {
      delay: 0,
      status: 200,
      headers: { "content-type": "application/octet-stream", "content-length": String(size) },
      body: project.fileContent(file),
      ...(times <= (behaviour.brokenDownloads ?? 0) && size > 0 ? { lostAfter: Math.ceil(size / 2) } : {})
    }
  }

  const answered = ({ now, path, query }: Request): Reply => {
    const [, kind, first, second, third, fourth] = path.split("/")
    if (kind === "files") {
      if (first === undefined) {
        const wanted = query.get("purpose")
        const all = Array.from({ length: shape.files ?? 0 }, (_, index) => index)
        // newest first, as the hosted service lists files
        const shown = all.filter((index) => wanted === null || project.purpose(index) === wanted).toReversed()
        return page(shown.map(listedFile), query, 10_000)
      }
      const file = project.fileOf(first)
      if (file === undefined) return missing("such File object")
      return second === "content" ? content(file) : answer(200, ` ${project.fileText(file)}\n`)
    }
    if (kind !== "evals") return missing("such path")
    if (first === undefined) return page(evals().map(listedEval), query, 100)
    const eval_ = project.evalOf(first)
    if (eval_ === undefined || isDeleted(eval_)) return missing("such eval")
    if (second === undefined) return answer(200, `\n${project.evalText(eval_, age())} `)
    const perEval = shape.runs.length
    if (third === undefined) {
      const runs = Array.from({ length: perEval }, (_, index) => eval_ * perEval + index)
      return page(
        runs.map((run) => ({ id: project.runId(run), text: () => project.runText(run, age()) })),
        query,
        100
      )
    }
    const run = project.runOf(third)
    if (run === undefined || Math.floor(run / perEval) !== eval_ || fourth !== "output_items")
      return missing("such run")
    return items(run, query, now)
  }

  const waitingTime = (now: number): { readonly [name: string]: string } => {
    const millis = behaviour.retryAfter ?? 20
    return chance.pick<{ readonly [name: string]: string }>([
      { "retry-after-ms": String(millis) },
      { "retry-after": String(millis / 1000) },
      // a date has no parts of a second
      { "retry-after": new Date(Math.ceil((now + millis) / 1000) * 1000).toUTCString() }
    ])
  }

  const fault = (now: number): Reply | undefined => {
    const at = chance.next()
    let below = behaviour.refused ?? 0
    if (at < below) return refusal(429, "Rate limit reached.", waitingTime(now))
    below += behaviour.failed ?? 0
    if (at < below) return answer(500, "<html>Internal error</html>")
    below += behaviour.lost ?? 0
    return at < below ? { ...answer(200, ""), lostAfter: 0 } : undefined
  }

  return {
    project,
    stats,
    behave: (other) => {
      behaviour = other
      chance = random(shape.seed, "faults")
      stats.requests = 0
      stats.itemPages = 0
      stats.paths = []
    },
    reply: (request) => {
      stats.requests++
      const target = `${request.path}${request.query.size === 0 ? "" : `?${request.query.toString()}`}`
      stats.paths.push(target)
      const { heldAfter = Number.POSITIVE_INFINITY, latency = 0, slow = 0, slowMillis = 0 } = behaviour
      if (stats.itemPages >= heldAfter && target.includes("/output_items")) return { ...answer(200, ""), delay: hour }
      const delay = latency + (chance.chance(slow) ? slowMillis : 0)
      const denial = behaviour.denials?.find(
        ({ after = 0, path }) => stats.requests > after && new RegExp(path).test(target)
      )
      if (denial !== undefined) return { ...refusal(denial.status, "You may not read this."), delay }
      const failed = fault(request.now)
      if (failed !== undefined) return { ...failed, delay }
      const found = answered(request)
      if (!chance.chance(behaviour.cut ?? 0)) return { ...found, delay }
      const size = [...found.body].reduce((sum, piece) => sum + piece.length, 0)
      const whole = found.headers["content-length"] === undefined ? found : answered(request)
      return { ...whole, delay, ...(size === 0 ? {} : { lostAfter: Math.ceil(size / 2) }) }
    }
  }
}
