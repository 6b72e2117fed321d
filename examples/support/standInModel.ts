/**
 * A server that only plays a model. It looks for words in a prompt: it sorts support tickets and writes replies from a
 * few sentences, and as a judge it counts. The same prompt has the same answer each time. It has the two APIs of
 * OpenAI's models as far as the example asks for them, on a free port of loopback.
 */
import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServer, HttpServerRequest, HttpServerResponse } from "effect/http"
import { createServer } from "node:http"

/** The name with which all its answers are signed. */
export const modelName = "stand-in-for-a-model"

const Message = Schema.Struct({ role: Schema.String, content: Schema.String })
type Message = typeof Message.Type

/** The result that a judge is asked for: one of some labels, or a number. */
const Result = Schema.Struct({
  enum: Schema.optionalKey(Schema.Array(Schema.String)),
  type: Schema.optionalKey(Schema.String)
})

const JudgeFormat = Schema.Struct({
  json_schema: Schema.Struct({ schema: Schema.Struct({ properties: Schema.Struct({ result: Result }) }) })
})

const ChatRequest = Schema.Struct({ messages: Schema.Array(Message), response_format: JudgeFormat })

const ResponseRequest = Schema.Struct({ input: Schema.Array(Message) })

// =============================================================================
// how it plays
// =============================================================================

const kinds: ReadonlyArray<readonly [name: string, words: RegExp]> = [
  ["Billing", /invoice|charged|billed|paid|payment|price|refund|receipt|tax|discount|currency|trial|rechnung/g],
  ["Shipping", /parcel|deliver|courier|shipp|tracking|address|arriv|box|paket|colis|paquete/g],
  ["Account", /password|log ?in|sign ?in|account|two.factor|profile|owner|delete my|konto|compte|cuenta/g],
  ["Hardware", /battery|screen|mouse|keyboard|speaker|headphone|fan\b|hinge|cable|noise|broken|lens|robot|akku/g],
  ["Software", /app\b|update|version|sync|export|import|install|crash|setting|back.?up|window|notebook|error/g]
]

const sentences: Readonly<Record<string, string>> = {
  Billing: "We have looked at your invoice, and the amount is paid back within three working days.",
  Shipping: "We have asked the courier, and the parcel is on its way to you.",
  Account: "For your account, please open the link that we have sent, and follow the steps there.",
  Hardware: "That is covered by the warranty. A new one leaves today; please send the old one back in the same box.",
  Software: "Please install the latest version, and open the settings once more.",
  Other: "We have passed this on, and answer as soon as we know more."
}

const priorityOf = (ticket: string): string => {
  if (/smell|smoke|spark|burn|fire|hacked|stolen/.test(ticket)) return "urgent"
  if (/!!|deadline|tonight|urgent|entire team|nobody/.test(ticket)) return "high"
  return /how do i|wondering|curious|by the way|suggestion|flattered/.test(ticket) ? "low" : "normal"
}

/** Sorts a ticket and replies to it. */
const triage = (prompt: string): string => {
  const ticket = prompt.toLowerCase()
  const counted = kinds.map(([name, words]) => ({ name, count: ticket.match(words)?.length ?? 0 }))
  const best = counted.reduce((one, other) => (other.count > one.count ? other : one), { name: "Other", count: 0 })
  const number = /T-\d{5}/.exec(prompt)?.[0]
  const reply = [
    ...(ticket.length % 4 === 0 ? [] : ["Thank you for your message."]),
    sentences[best.name],
    ...(number === undefined ? [] : [`Your ticket is ${number}.`])
  ].join(" ")
  return JSON.stringify({ category: best.name, priority: priorityOf(ticket), reply })
}

const wordsOf = (text: string): ReadonlySet<string> => new Set(text.toLowerCase().match(/[a-z]{4,}/g))

/** Judges by the words that the reply shares with the reference. */
const judge = (prompt: string, { enum: labels }: typeof Result.Type): string => {
  const reply = prompt.split("Reply:").at(-1) ?? ""
  if (labels !== undefined) {
    const isPolite = /thank|sorry|please/i.test(reply)
    const conclusion = isPolite ? "It thanks, or says please." : "It says neither please nor thanks."
    const steps = [{ description: "Looks for polite words.", conclusion }]
    return JSON.stringify({ steps, result: labels[isPolite ? 0 : 1] })
  }
  const reference = wordsOf(prompt.split("Reference:").at(-1)?.split("Reply:")[0] ?? "")
  const shared = [...wordsOf(reply)].filter((word) => reference.has(word))
  const steps = [{ description: "Counts words of the reference.", conclusion: `${shared.length} are in the reply.` }]
  return JSON.stringify({ steps, result: Math.min(5, 1 + shared.length) })
}

// =============================================================================
// the two APIs
// =============================================================================

const promptOf = (messages: ReadonlyArray<Message>): string => messages.map(({ content }) => content).join("\n")

/** Four characters are a token here. */
const tokens = (text: string): number => Math.ceil(text.length / 4)

/** How long an answer takes: 20 to 60 milliseconds. */
const latency = (prompt: string) => Effect.sleep(20 + (prompt.length % 40))

const chat = Effect.gen(function* () {
  const { messages, response_format } = yield* HttpServerRequest.schemaBodyJson(ChatRequest)
  const prompt = promptOf(messages)
  const content = judge(prompt, response_format.json_schema.schema.properties.result)
  yield* latency(prompt)
  const [prompt_tokens, completion_tokens] = [tokens(prompt), tokens(content)]
  return HttpServerResponse.jsonUnsafe({
    id: "chatcmpl-stand-in",
    object: "chat.completion",
    model: modelName,
    choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: "stop" }],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
  })
})

const responses = Effect.gen(function* () {
  const { input } = yield* HttpServerRequest.schemaBodyJson(ResponseRequest)
  const prompt = promptOf(input)
  const text = triage(input.at(-1)?.content ?? "")
  yield* latency(prompt)
  const [input_tokens, output_tokens] = [tokens(prompt), tokens(text)]
  return HttpServerResponse.jsonUnsafe({
    id: "resp_stand-in",
    object: "response",
    status: "completed",
    model: modelName,
    output: [{ type: "message", role: "assistant", content: [{ type: "output_text", text, annotations: [] }] }],
    usage: { input_tokens, output_tokens, total_tokens: input_tokens + output_tokens }
  })
})

const answered = <E extends { readonly message: string }, R>(
  answer: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>
) =>
  Effect.catch(answer, ({ message }) =>
    Effect.succeed(
      HttpServerResponse.jsonUnsafe(
        { error: { message, type: "invalid_request_error", param: null, code: null } },
        { status: 400 }
      )
    )
  )

const routes = Layer.mergeAll(
  HttpRouter.add("POST", "/v1/chat/completions", answered(chat)),
  HttpRouter.add("POST", "/v1/responses", answered(responses))
)

const server = HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true }).pipe(
  Layer.provideMerge(NodeHttpServer.layer(createServer, { host: "127.0.0.1", port: 0 }))
)

/** The address of a server that was just started. It ends with the scope. */
export const baseUrl = Effect.map(
  Effect.flatMap(Layer.build(server), (services) => Effect.provide(HttpServer.HttpServer, services)),
  ({ address }) => `${HttpServer.formatAddress(address)}/v1`
)
