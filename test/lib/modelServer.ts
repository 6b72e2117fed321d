/**
 * A scripted model server on a real socket: a function of the request says what is
 * answered, and how.
 */
import { Effect, type Scope } from "effect"
import { type Exchange, serve as listen } from "../transport/lib/loopback.ts"

/** A request that the server has received. */
export interface Received {
  /** From 0. */
  readonly index: number
  readonly method: string
  /** The path below the base URL: `/chat/completions`. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  /** The body, which has to be an object of JSON. */
  readonly body: { readonly [name: string]: unknown }
}

/** A way to answer. */
export type Reply =
  /** A whole answer: JSON of a value that is no text. A text is sent as it is. */
  | {
      readonly status?: number
      readonly headers?: { readonly [name: string]: string }
      readonly body?: unknown
      /** Real milliseconds before the first byte. */
      readonly delay?: number
      /** Without `content-length`. */
      readonly chunked?: boolean
    }
  /** The connection is cut: before the head, or behind so much of the body. */
  | { readonly cut: true; readonly after?: string }
  /** No answer ever. */
  | { readonly hang: true }

/** The function that answers requests. */
export type Script = (request: Received) => Reply | Promise<Reply>

/** A model server that listens. */
export interface ModelServer {
  /** The address without the API's own path. */
  readonly baseUrl: string
  /** All requests so far, in their order. */
  readonly requests: ReadonlyArray<Received>
  /** The paths of the requests so far. */
  readonly paths: () => ReadonlyArray<string>
  /** How many requests are not answered yet. */
  readonly open: () => number
  /** Requests whose client went away before the answer. */
  readonly abandoned: () => number
}

const bodyOf = (text: string): Received["body"] => {
  const value: unknown = JSON.parse(text)
  if (typeof value !== "object" || value === null) throw new TypeError("the body is no object")
  return { ...value }
}

const answer = async ({ response }: Exchange, reply: Reply): Promise<void> => {
  if ("hang" in reply) return
  if ("cut" in reply) {
    if (reply.after !== undefined) {
      response.writeHead(200, { "content-type": "application/json", "content-length": reply.after.length + 10 })
      await new Promise((resolve) => response.write(reply.after, resolve))
    }
    response.destroy()
    return
  }
  const { body = "", chunked, delay, headers = {}, status = 200 } = reply
  if (delay !== undefined) await new Promise((resolve) => setTimeout(resolve, delay))
  const text = typeof body === "string" ? body : JSON.stringify(body)
  const length = chunked === true ? {} : { "content-length": String(Buffer.byteLength(text)) }
  response.writeHead(status, { "content-type": "application/json", ...length, ...headers })
  response.end(text)
}

/** Starts a model server that ends with the scope. */
export const serve = (script: Script): Effect.Effect<ModelServer, never, Scope.Scope> => {
  const requests: Array<Received> = []
  let open = 0
  let abandoned = 0
  return Effect.map(
    listen(async (exchange) => {
      open++
      exchange.response.once("close", () => {
        open--
        if (!exchange.response.writableFinished) abandoned++
      })
      const received: Received = {
        index: requests.length,
        method: exchange.request.method ?? "",
        path: exchange.url.pathname.replace(/^\/v1/, ""),
        query: exchange.url.searchParams,
        headers: exchange.request.headers,
        body: bodyOf((await exchange.body()).toString())
      }
      requests.push(received)
      await answer(exchange, await script({ ...received, index: requests.length - 1 }))
    }),
    ({ origin }) => ({
      baseUrl: `${origin}/v1`,
      requests,
      paths: () => requests.map(({ path }) => path),
      open: () => open,
      abandoned: () => abandoned
    })
  )
}

/** A chat completion. */
export const completion = (content: string | null, fields: { readonly [name: string]: unknown } = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_760_000_000,
  model: "gpt-4.1-2025-04-14",
  choices: [
    { index: 0, message: { role: "assistant", content, refusal: null }, logprobs: null, finish_reason: "stop" }
  ],
  usage: {
    prompt_tokens: 11,
    completion_tokens: 7,
    total_tokens: 18,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 0 }
  },
  ...fields
})

/** A response. */
export const response = (text: string, fields: { readonly [name: string]: unknown } = {}) => ({
  id: "resp_1",
  object: "response",
  created_at: 1_760_000_000,
  status: "completed",
  error: null,
  incomplete_details: null,
  model: "gpt-4.1-2025-04-14",
  output: [
    {
      type: "message",
      id: "msg_1",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text, annotations: [] }]
    }
  ],
  temperature: 1,
  top_p: 1,
  usage: {
    input_tokens: 11,
    input_tokens_details: { cached_tokens: 4 },
    output_tokens: 7,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 18
  },
  ...fields
})

/** An error as OpenAI writes it. */
export const failure = (message: string, fields: { readonly [name: string]: unknown } = {}) => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...fields }
})
