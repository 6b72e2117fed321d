/** Odd answers of endpoints in both APIs, and what becomes of each. */
import { lastText } from "./servedModels.ts"
import { completion, failure, type Received, type Reply, response } from "./modelServer.ts"

type Fields = { readonly [name: string]: unknown }

/** An odd answer. */
export interface Odd {
  /** Replies with an answer that would have this text if it were a good one. */
  readonly reply: (request: Received, text: string, earlier: number) => Reply
  /** The code and words of the error; undefined for an answer that is read. */
  readonly error?: readonly [code: string, message: RegExp]
  /** The text that is read. Default: that of a good answer. */
  readonly text?: string
  /** The tokens are not counted. */
  readonly withoutUsage?: true
  /** How often the endpoint is asked. Default 1. */
  readonly asked?: number
}

const body = (request: Received, chat: object, responses: object): Reply => ({
  body: request.path === "/responses" ? responses : chat
})

/** A good answer. */
export const said = (request: Received, text: string, fields: Fields = {}): Reply =>
  body(request, completion(text, fields), response(text, fields))

const choice = (message: Fields, fields: Fields = {}) => ({
  index: 0,
  message: { role: "assistant", ...message },
  finish_reason: "stop",
  ...fields
})

const chosen = (...choices: ReadonlyArray<object>) => completion(null, { choices })

const message = (...content: ReadonlyArray<object>) => ({ type: "message", role: "assistant", content })

const output = (...items: ReadonlyArray<object>) => response("", { output: items })

const html = "<html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"

const broken = '{"city":'

/** The answers, by a name that a prompt may hold. */
export const odd: { readonly [name: string]: Odd } = {
  good: { reply: (request, text) => said(request, text) },
  "a page": {
    reply: () => ({ headers: { "content-type": "text/html" }, body: html }),
    error: ["invalid_response", /it is no JSON: Bad Gateway$/]
  },
  garbage: { reply: () => ({ body: "\u0000\u0001 garbage" }), error: ["invalid_response", /it is no JSON$/] },
  "cut JSON": {
    reply: (request, text) => ({ body: JSON.stringify(said(request, text)).slice(0, 150) }),
    error: ["invalid_response", /it is no JSON$/]
  },
  nothing: { reply: () => ({ body: "" }), error: ["invalid_response", /it is empty$/] },
  "an error with status 200": {
    reply: () => ({ body: failure("Too many cats.", { code: "too_many_cats" }) }),
    error: ["too_many_cats", /: an error with status 200: Too many cats\.$/]
  },
  "an error that is a text": {
    reply: () => ({ body: { error: "It broke." } }),
    error: ["invalid_request", /: an error with status 200: It broke\.$/]
  },
  "a stream": {
    reply: () => ({
      headers: { "content-type": "text/event-stream" },
      body: 'data: {"choices":[]}\n\ndata: [DONE]\n\n'
    }),
    error: ["invalid_response", /it is a stream of events, which was not asked for$/]
  },
  "no choices": {
    reply: (request) => said(request, "", { choices: undefined, output: undefined }),
    error: ["invalid_response", /it has no (?:choices|output)$/]
  },
  "a list": {
    reply: (request, text) => ({ body: [said(request, text)] }),
    error: ["invalid_response", /no JSON object$/]
  },
  "a refused parameter": {
    reply: () => ({ status: 400, body: failure("Unknown parameter: x", { code: "unknown_parameter", param: "x" }) }),
    error: ["unknown_parameter", /: 400 Unknown parameter: x$/]
  },
  "a code that is a status": {
    reply: () => ({ status: 422, body: { error: { message: "No.", code: 422 } } }),
    error: ["invalid_request", /: 422 No\.$/]
  },
  "no usage": { reply: (request, text) => said(request, text, { usage: undefined }), withoutUsage: true },
  "usage that is null": { reply: (request, text) => said(request, text, { usage: null }), withoutUsage: true },
  "usage that is a text": { reply: (request, text) => said(request, text, { usage: "a lot" }), withoutUsage: true },
  "usage below 0": {
    reply: (request, text) =>
      said(request, text, { usage: { prompt_tokens: -1, input_tokens: -1, total_tokens: 0.5 } }),
    withoutUsage: true
  },
  "several choices": {
    reply: (request, text) =>
      body(
        request,
        chosen(choice({ content: text }), choice({ content: "another" }, { index: 1 })),
        output(message({ type: "output_text", text }))
      )
  },
  "content in parts": {
    reply: (request, text) =>
      body(
        request,
        chosen(choice({ content: [text.slice(0, 2), text.slice(2)].map((part) => ({ type: "text", text: part })) })),
        output(message(...[text.slice(0, 2), text.slice(2)].map((part) => ({ type: "output_text", text: part }))))
      )
  },
  "a call with broken arguments": {
    reply: (request) =>
      body(
        request,
        chosen(
          choice(
            {
              content: null,
              tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: broken } }]
            },
            { finish_reason: "tool_calls" }
          )
        ),
        output({ type: "function_call", id: "fc_1", call_id: "call_1", name: "f", arguments: broken })
      ),
    text: ""
  },
  "another content type": {
    reply: (request, text) => ({ ...said(request, text), headers: { "content-type": "text/plain" } })
  },
  "a connection that closes": {
    reply: (request, text) => ({ ...said(request, text), headers: { connection: "close" } })
  },
  "10 MiB": { reply: (request) => said(request, "x".repeat(10 * 1024 * 1024)), text: "x".repeat(10 * 1024 * 1024) },
  "429, then good": {
    reply: (request, text, earlier) =>
      earlier === 0
        ? { status: 429, headers: { "retry-after": "1" }, body: failure("Slow down.", { code: "rate_limit_exceeded" }) }
        : said(request, text),
    asked: 2
  },
  "503, then good": {
    reply: (request, text, earlier) => (earlier === 0 ? { status: 503, body: "no capacity" } : said(request, text)),
    asked: 2
  },
  "a cut connection, then good": {
    reply: (request, text, earlier) => (earlier === 0 ? { cut: true, after: '{"id":' } : said(request, text)),
    asked: 2
  },
  "a refusal": {
    reply: (request) =>
      body(
        request,
        chosen(choice({ content: null, refusal: "I cannot." })),
        output(message({ type: "refusal", refusal: "I cannot." }))
      ),
    text: ""
  },
  "an answer that is cut off": {
    reply: (request, text) =>
      body(
        request,
        chosen(choice({ content: text }, { finish_reason: "length" })),
        response(text, { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } })
      )
  }
}

/** Answers a request whose last message is the name of an odd answer. `text` is that of a good one. */
export const oddly = (text: (request: Received) => string) => {
  const asked = new Map<string, number>()
  return (request: Received): Reply => {
    const { body, path } = request
    const name = lastText(request)
    const key = `${String(body["model"])} ${path} ${name}`
    const earlier = asked.get(key) ?? 0
    asked.set(key, earlier + 1)
    return odd[name]?.reply(request, text(request), earlier) ?? said(request, text(request))
  }
}
