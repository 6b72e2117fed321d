/** What a server tells of a run, as it comes in. */
import { Effect } from "effect"
import { Served } from "./served.ts"

/** A stream of events that is read while it comes in. */
export interface Told {
  readonly status: number
  readonly headers: Headers
  /** The runs that were told so far. */
  readonly runs: Array<unknown>
  /** Whether the stream has ended by itself, has broken off, or goes on. */
  end: "whole" | "broken" | undefined
  readonly stop: () => void
}

const decoder = new TextDecoder()

/** Opens the events of a run; reading goes on in the background until the stream ends, or is stopped. */
export const listen = (url: string): Effect.Effect<Told> =>
  Effect.promise(async () => {
    const abort = new AbortController()
    const response = await fetch(url, { signal: abort.signal })
    const told: Told = {
      status: response.status,
      headers: response.headers,
      runs: [],
      end: undefined,
      stop: () => abort.abort()
    }
    let text = ""
    const take = (chunk: Uint8Array) => {
      text += decoder.decode(chunk)
      const parts = text.split("\n\n")
      text = parts.pop() ?? ""
      for (const part of parts) {
        const [first, ...rest] = part.split("\n")
        // a line that begins with a colon keeps the connection alive
        if (first !== "event: run") continue
        told.runs.push(JSON.parse(rest.map((line) => line.replace(/^data: /, "")).join("\n")))
      }
    }
    const read = async () => {
      try {
        for await (const chunk of response.body ?? []) take(chunk)
        told.end = "whole"
      } catch {
        told.end = "broken"
      }
    }
    void read()
    return told
  })

/** Opens the events of a run of the server of the context. */
export const listenAt = (path: string) => Effect.flatMap(Served, ({ url }) => listen(`${url}${path}`))
