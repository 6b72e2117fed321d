/**
 * A model server in a process of its own. It plays a model: each answer is the last word of the request. Arguments: the
 * milliseconds before an answer; those of one request in fifty; requests a second (0: no limit); `retry-after` in
 * seconds with refusals (0: none). Sends its parent its address, and on request the times and counts that it saw.
 */
import { createServer } from "node:http"

const [usual = 0, rare = usual, rate = 0, retryAfter = 0] = process.argv.slice(2).map(Number)

let first = 0
let answered = 0
let refused = 0
/** Of the time after the first ten seconds. */
const late = { answered: 0, refused: 0 }
let allowance = rate
let filled = Date.now()

const now = () => Date.now()

const allowed = (): boolean => {
  if (rate === 0) return true
  allowance = Math.min(rate, allowance + ((now() - filled) * rate) / 1000)
  filled = now()
  if (allowance < 1) return false
  allowance--
  return true
}

const completion = (content: string): string =>
  JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 1,
    model: "plays-a-model",
    choices: [{ index: 0, message: { role: "assistant", content, refusal: null }, finish_reason: "stop" }],
    usage: { prompt_tokens: 12, completion_tokens: 2, total_tokens: 14 }
  })

const server = createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    if (first === 0) first = now()
    const isLate = now() - first > 10_000
    if (!allowed()) {
      refused++
      if (isLate) late.refused++
      const headers = retryAfter === 0 ? {} : { "retry-after": String(retryAfter) }
      response.writeHead(429, { "content-type": "application/json", ...headers })
      response.end('{"error":{"message":"too many requests","type":"requests","code":"rate_limit_exceeded"}}')
      return
    }
    answered++
    if (isLate) late.answered++
    const text = Buffer.concat(chunks).toString("utf8")
    const end = text.indexOf('"', text.lastIndexOf(" ") + 1)
    const word = text.slice(text.lastIndexOf(" ", end) + 1, end)
    const body = completion(word)
    const send = () => {
      response.writeHead(200, { "content-type": "application/json" })
      response.end(body)
    }
    const delay = answered % 50 === 0 ? rare : usual
    if (delay === 0) send()
    else setTimeout(send, delay)
  })
})

process.on("message", () => process.send?.({ first, answered, refused, late, now: now() }))
process.on("disconnect", () => process.exit())
server.keepAliveTimeout = 60_000
server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object" && address !== null) process.send?.(`http://127.0.0.1:${address.port}/v1`)
})
