/**
 * The loopback host of the benchmarks, in a process of its own. Its answers are
 * ready before they are asked for, so that it does not hold a client up; below
 * `/slow` each takes 10 ms.
 */
import { createServer } from "node:http"
import { itemIndex, page, run } from "./payload.ts"

const items = 20_000
const perPage = 100
const pages = new Map<number, Buffer>()
for (let first = 0; first < items; first += perPage) {
  pages.set(first, Buffer.from(page(first, perPage, 1000, first + perPage < items)))
}
const retrieved = Buffer.from(JSON.stringify(run()))

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://host")
  const body = url.pathname.endsWith("/output_items")
    ? pages.get(itemIndex(url.searchParams.get("after")) + 1)
    : retrieved
  const send = () => {
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": "application/json",
      "content-length": body?.byteLength ?? 0,
      "x-request-id": "req_9d1f0c7a0b3e4f5e",
      "openai-version": "2020-10-01",
      "openai-processing-ms": "12"
    })
    response.end(body)
  }
  if (url.pathname.startsWith("/slow/")) setTimeout(send, 10)
  else send()
})

server.listen(0, "127.0.0.1", () => {
  const address = server.address()
  if (typeof address === "object") process.send?.(address?.port)
})
