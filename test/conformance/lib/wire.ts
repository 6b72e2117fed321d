/** A host that writes down what it was asked, in a form that two clients can be compared by. */
import { Effect } from "effect"
import { serve } from "../../transport/lib/loopback.ts"

/** A part of a multipart form. */
export interface Part {
  readonly name: string
  readonly value: string
  /** Of a file. */
  readonly filename?: string
  readonly contentType?: string
}

/** A request. Of the order of headers, of a query and of the parts of a form, nothing is kept. */
export interface Wire {
  readonly method: string
  readonly path: string
  readonly query: ReadonlyArray<readonly [name: string, value: string]>
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON, or the parts of a form. */
  readonly body: unknown
}

const byName = <A extends { readonly name: string }>(parts: ReadonlyArray<A>) =>
  parts.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))

const partsOf = async (form: FormData): Promise<ReadonlyArray<Part>> =>
  byName(
    await Promise.all(
      [...form].map(async ([name, value]) =>
        typeof value === "string"
          ? { name, value }
          : { name, value: await value.text(), filename: value.name, contentType: value.type }
      )
    )
  )

/** Starts a host that gives every request the same answer. */
export const recorder = (answer: unknown) =>
  Effect.gen(function* () {
    const seen: Array<Wire> = []
    const server = yield* serve(async (exchange) => {
      const { request, url } = exchange
      const [type = "", boundary] = (request.headers["content-type"] ?? "").split(";")
      const text =
        boundary === undefined || !type.startsWith("multipart/") ? (await exchange.body()).toString() : undefined
      seen.push({
        method: request.method ?? "",
        path: url.pathname,
        query: [...url.searchParams].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
        headers: Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, name === "content-type" ? type : String(value)])
        ),
        body: text === undefined ? await partsOf(await exchange.form()) : text === "" ? undefined : JSON.parse(text)
      })
      await exchange.json(answer)
    })
    return { ...server, seen }
  })
