/** Requests that are almost right: each made from a valid one, the same for the same seed. */
import { type Random, random } from "../../support/host/random.ts"
import { field, file, form } from "./forms.ts"
import { type Ids, type Valid, validOf } from "./validRequests.ts"

export { type Ids, routes } from "./validRequests.ts"

/** A request as it is sent. */
export interface Spec {
  /** The route that it began as. */
  readonly route: string
  readonly method: string
  /** Path and query, with `/v1`. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | undefined
  /** Whether the body is sent in chunks, without its length. */
  readonly chunked: boolean
}

// =============================================================================
// what is done to them
// =============================================================================

type Some<A> = readonly [A, ...ReadonlyArray<A>]

const methods: Some<string> = ["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "PROPFIND"]

const oddSegments: Some<string> = [
  "",
  ".",
  "..",
  "%2e%2e",
  "%2F",
  "..%2F..%2Fetc%2Fpasswd",
  "%00",
  "%ZZ",
  "%",
  "%E0%A4%A",
  "%C0%AF",
  "%ED%A0%80",
  "%F0%9F%9A%80",
  "%25%32%46",
  "x".repeat(101),
  "x".repeat(10_000),
  "%41".repeat(2000),
  "*",
  ":evalId",
  "';--",
  "__proto__",
  "constructor",
  "null",
  "-1",
  "evals",
  "runs;x=1",
  "a%0d%0aSet-Cookie:b",
  "eval_%F0%9F%9A%80",
  "file-"
]

const oddQueries: Some<string> = [
  "",
  "?",
  "&&&",
  "=",
  "limit",
  "limit=",
  "limit=0",
  "limit=-1",
  "limit=1e9",
  "limit=%00",
  "limit=%ZZ",
  "limit=999999999999999999999",
  "limit[]=2",
  "limit=2&limit=x",
  "order=",
  "order=ASC",
  "after=",
  "after=%F0%9F%9A",
  "after='+OR+1=1",
  "status=passed",
  "order_by=id",
  "__proto__=1",
  "constructor=1&toString=2",
  `x=${"y".repeat(5000)}`,
  Array.from({ length: 500 }, (_, index) => `k${index}=v`).join("&"),
  "purpose=%E2%98%83",
  "a=%u1234",
  "#fragment",
  "run_id=../../x"
]

const oddHeaders: Some<readonly [string, string]> = [
  ["content-type", "text/plain"],
  ["content-type", ""],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "multipart/form-data"],
  ["content-type", "multipart/form-data; boundary="],
  ["content-type", `multipart/form-data; boundary=${"b".repeat(300)}`],
  ["content-type", "multipart/form-data; boundary=b; boundary=c"],
  ["content-encoding", "gzip"],
  ["content-encoding", "br, gzip"],
  ["idempotency-key", ""],
  ["idempotency-key", "k"],
  ["idempotency-key", "k".repeat(256)],
  ["idempotency-key", "\u00e9\u00ff"],
  ["x-stainless-retry-count", "1"],
  ["x-stainless-retry-count", "-1"],
  ["x-stainless-retry-count", "many"],
  ["openai-project", "default"],
  ["openai-project", "proj_none"],
  ["openai-project", "'; DROP TABLE projects; --"],
  ["accept", "text/event-stream"],
  ["accept", "\u00ff"],
  ["range", "bytes=0-1"],
  ["if-none-match", "*"],
  ["expect", "100-continue"],
  ["x-http-method-override", "DELETE"],
  ["authorization", "Bearer"],
  ["cookie", "=;;\u00e9"],
  ["traceparent", "00-zz"],
  ["b3", "x-y-z"],
  ["upgrade", "websocket"]
]

/** A text that stands for the JSON of it: no value of JavaScript prints like this. */
const literal = (text: string): string => `\u0000literal:${text}\u0000`

const oddValues = (chance: Random): unknown =>
  chance.pick<() => unknown>([
    () => null,
    () => true,
    () => 0,
    () => -1,
    () => 1.5,
    () => literal("1e400"),
    () => literal("12345678901234567890"),
    () => literal("-0"),
    () => literal("NaN"),
    () => literal('"\\ud800"'),
    () => literal('"\\u0000"'),
    () => literal("[".repeat(300) + "]".repeat(300)),
    () => literal('{"__proto__":{"type":"custom"}}'),
    () => literal('{"a":1,"a":2}'),
    () => "",
    () => "string",
    () => "{{ item.",
    () => "{{ item.__proto__.a }} {{ sample.constructor }}",
    () => "\u0000\u001f\u007f\u2028🚀",
    () => "x".repeat(2000),
    () => [],
    () => [[]],
    () => [null, {}, 1],
    () => ({}),
    () => ({ type: "unknown" }),
    () => ({ type: "object", properties: { a: { $ref: "#" } } }),
    () => ({ $ref: "#/definitions/none" }),
    () => ({ pattern: "^(a+)+$" }),
    () => ({ type: ["string", "strung"] }),
    () => Array.from({ length: 300 }, () => ({})),
    () => Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, index]))
  ])()

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The value with one place in it changed. */
const disturbed = (value: unknown, chance: Random): unknown => {
  if (chance.chance(0.15)) return oddValues(chance)
  if (Array.isArray(value) && value.length > 0) {
    const index = chance.whole(value.length)
    if (chance.chance(0.2)) return [...value, ...value]
    if (chance.chance(0.1)) return value.toSpliced(index, 1)
    return value.map((inner, place) => (place === index ? disturbed(inner, chance) : inner))
  }
  if (isObject(value)) {
    const entries = Object.entries(value)
    const index = chance.whole(entries.length)
    if (entries.length === 0 || chance.chance(0.15)) {
      const name = chance.pick(["unknown", "__proto__", "constructor", "", "type", "é🚀", "k".repeat(100)])
      return Object.fromEntries([...entries, [name, oddValues(chance)]])
    }
    if (chance.chance(0.15)) return Object.fromEntries(entries.toSpliced(index, 1))
    return Object.fromEntries(
      entries.map(([name, inner], place) => [name, place === index ? disturbed(inner, chance) : inner])
    )
  }
  return oddValues(chance)
}

/** The value with the keys of its objects in another order. */
const reordered = (value: unknown, chance: Random): unknown =>
  Array.isArray(value)
    ? value.map((inner: unknown) => reordered(inner, chance))
    : isObject(value)
      ? Object.fromEntries(
          chance.shuffle(Object.entries(value)).map(([name, inner]) => [name, reordered(inner, chance)])
        )
      : value

const printed = (value: unknown): string =>
  (JSON.stringify(value) ?? "").replaceAll(/"\\u0000literal:(.*?)\\u0000"/g, (_, text: string) =>
    String(JSON.parse(`"${text}"`))
  )

const encoder = new TextEncoder()

/** Bytes that were hurt on their way. */
const damaged = (bytes: Uint8Array, chance: Random): Uint8Array => {
  const place = chance.whole(bytes.length + 1)
  switch (chance.whole(4)) {
    case 0:
      return bytes.slice(0, place)
    case 1: {
      const copy = bytes.slice()
      if (place < copy.length) copy[place] = chance.whole(256)
      return copy
    }
    case 2:
      return Uint8Array.from([...bytes.subarray(0, place), 0xff, 0x00, 0xfe, ...bytes.subarray(place)])
    default:
      return Uint8Array.from([...bytes, ...bytes.subarray(place)])
  }
}

const oddParts = (chance: Random): string =>
  chance.pick([
    field("purpose", "fun"),
    field("purpose", ""),
    field("", "x"),
    field("__proto__", "x"),
    field("expires_after[seconds]", "1e99"),
    field("x", "y".repeat(70_000)),
    file("{}", "", "file"),
    file("{}", "../../é\\x", "other"),
    file("x".repeat(5000), "x".repeat(3000)),
    "Content-Disposition: form-data\r\n\r\nx\r\n",
    'Content-Disposition: form-data; name="x"\r\nContent-Type: text/plain; charset=none\r\n\r\nx\r\n',
    "Content-Disposition: form-data; name=\"file\"; filename*=UTF-8''%ZZ\r\n\r\nx\r\n",
    "Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n",
    "\r\n\r\n",
    `X: ${"y".repeat(9000)}\r\n\r\nx\r\n`
  ])

const bodyOf = (valid: Valid, chance: Random, hurt: boolean) => {
  if (valid.parts !== undefined) {
    let parts = [...valid.parts]
    if (hurt && chance.chance(0.3)) parts.push(oddParts(chance))
    if (hurt && chance.chance(0.2)) parts = parts.toSpliced(chance.whole(parts.length), 1)
    if (hurt && chance.chance(0.1)) parts = [...parts, ...parts]
    const boundary = chance.pick(["b", "----WebKitFormBoundary7MA4YWxkTrZu0gW"])
    const whole = encoder.encode(form(parts, boundary))
    return {
      bytes: hurt && chance.chance(0.3) ? damaged(whole, chance) : whole,
      type: `multipart/form-data; boundary=${boundary}`
    }
  }
  if (valid.json === undefined) return undefined
  let json: unknown = valid.json
  if (hurt) for (let times = 1 + chance.whole(2); times > 0; times--) json = disturbed(json, chance)
  const bytes = encoder.encode(printed(chance.chance(0.3) ? reordered(json, chance) : json))
  return { bytes: hurt && chance.chance(0.1) ? damaged(bytes, chance) : bytes, type: "application/json" }
}

/** One request after another: some as they should be, most with something wrong in one place or in several. */
export const requests = (seed: string | number, ids: Ids): (() => Spec) => {
  const chance = random(seed, "requests")
  const all = validOf(ids)
  const anyId: Some<string> = [ids.evalId, ids.runId, ids.itemId, ids.fileId, "eval_none"]
  return () => {
    const valid = chance.pick(all)
    const wrong = chance.chance(0.85)
    const in1of = (share: number) => wrong && chance.chance(share)
    const method = in1of(0.05) ? chance.pick(methods) : valid.method
    let segments = [...valid.segments]
    if (in1of(0.15)) segments[chance.whole(segments.length)] = chance.pick(oddSegments)
    if (in1of(0.1)) segments[chance.whole(segments.length)] = chance.pick(anyId)
    if (in1of(0.03)) segments = [...segments, chance.pick(oddSegments)]
    const kept = valid.query.filter(() => chance.chance(0.7)).map(([name, value]) => `${name}=${value}`)
    const query = [...kept, ...(in1of(0.2) ? [chance.pick(oddQueries)] : [])].join("&")
    const body = bodyOf(valid, chance, wrong && chance.chance(0.8))
    const sent = body ?? (in1of(0.05) ? { bytes: encoder.encode("{}"), type: "application/json" } : undefined)
    const headers: Record<string, string> = sent === undefined ? {} : { "content-type": sent.type }
    for (let times = in1of(0.2) ? 1 + chance.whole(2) : 0; times > 0; times--) {
      const [name, value] = chance.pick(oddHeaders)
      headers[name] = value
    }
    return {
      route: valid.route,
      method,
      path: `${in1of(0.02) ? chance.pick(["", "/v1/", "/V1", "/v2", "//v1"]) : "/v1"}/${segments.join("/")}${query === "" ? "" : `?${query}`}`,
      headers,
      body: sent?.bytes,
      chunked: chance.chance(0.2)
    }
  }
}
