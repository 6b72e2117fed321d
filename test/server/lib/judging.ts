/** What every answer must be, whatever was asked. */
import { at, definition, over, row } from "../../behaviour/lib/engine.ts"
import { formHeaders, upload } from "./forms.ts"
import type { Ids, Spec } from "./mutations.ts"

/** What is judged of an answer. */
export interface Answered {
  readonly status: number
  readonly type: string
  readonly text: string
}

const isEnvelope = (json: unknown): boolean => {
  const param = at(json, "error", "param")
  const code = at(json, "error", "code")
  const message = at(json, "error", "message")
  return (
    Object.keys(Object(json)).join() === "error" &&
    typeof message === "string" &&
    message !== "" &&
    typeof at(json, "error", "type") === "string" &&
    (param === null || typeof param === "string") &&
    (code === null || typeof code === "string")
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What is wrong with an answer; undefined where nothing is. */
export const fault = ({ method }: Pick<Spec, "method">, { status, text, type }: Answered): string | undefined => {
  if (status >= 500) return `status ${status}: ${text.slice(0, 300)}`
  if (status < 200) return `status ${status}`
  // Node's own answer to an expectation that it does not know
  if (method === "HEAD" || status === 417) return undefined
  if (status >= 400) return isEnvelope(parsed(text)) ? undefined : `no envelope: ${text.slice(0, 300)}`
  if (status >= 300) return status === 302 ? undefined : `status ${status}`
  return type.startsWith("application/json") && parsed(text) === undefined
    ? `no JSON: ${text.slice(0, 300)}`
    : undefined
}

/** A request as a report shows it. */
export const shown = ({ body, headers, method, path }: Spec): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 200)} ${new TextDecoder().decode(body).slice(0, 400)}`

/** Sends a request. */
export type Sender = (spec: Spec) => Promise<Answered>

/** Makes what requests are about. */
export const makeIds = async (send: Sender): Promise<Ids> => {
  const json = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const bytes = body === undefined ? undefined : new TextEncoder().encode(JSON.stringify(body))
    const headers = { "content-type": "application/json" }
    const { text } = await send({ route: "", method, path: `/v1${path}`, headers, body: bytes, chunked: false })
    return parsed(text)
  }
  const id = async (method: string, path: string, body: unknown) => String(at(await json(method, path, body), "id"))
  const file = async () => {
    const body = new TextEncoder().encode(upload('{"item":{"a":"x"},"sample":{"output_text":"x"}}\n'))
    const { text } = await send({
      route: "",
      method: "POST",
      path: "/v1/files",
      headers: formHeaders(),
      body,
      chunked: false
    })
    return String(at(parsed(text), "id"))
  }
  const evalId = await id("POST", "/evals", definition())
  const runs = `/evals/${evalId}/runs`
  const runId = await id("POST", runs, over([row(true), row(false), row(true)]))
  // ends with the run
  await json("GET", `${runs}/${runId}/events`)
  return {
    evalId,
    runId,
    itemId: String(at(await json("GET", `${runs}/${runId}/output_items`), "first_id")),
    fileId: await file(),
    doomed: {
      evalId: await id("POST", "/evals", definition()),
      runId: await id("POST", runs, over([row(true)])),
      fileId: await file()
    }
  }
}

/** What came of many requests. */
export interface Found {
  readonly faults: Array<string>
  /** How many there were of each class of statuses (2 for 200 and above), in all and by the route that they began as. */
  readonly classes: Map<number, number>
  readonly byRoute: Map<string, Set<number>>
}

/** Sends so many requests, some at a time, and notes what is wrong with their answers. */
export const bombard = async (send: Sender, next: () => Spec, count: number, atOnce: number, found: Found) => {
  let left = count
  const one = async (): Promise<void> => {
    if (left-- <= 0) return
    const spec = next()
    try {
      const answered = await send(spec)
      const wrong = fault(spec, answered)
      if (wrong !== undefined) found.faults.push(`${wrong} <- ${shown(spec)}`)
      const kind = Math.floor(answered.status / 100)
      found.classes.set(kind, (found.classes.get(kind) ?? 0) + 1)
      found.byRoute.set(spec.route, (found.byRoute.get(spec.route) ?? new Set()).add(kind))
    } catch (error) {
      found.faults.push(`${String(error)} <- ${shown(spec)}`)
    }
    return one()
  }
  await Promise.all(Array.from({ length: atOnce }, one))
}
