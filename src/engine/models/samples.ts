/**
 * Samples of rows and of judges that were asked here: the request and its answer as
 * one object, which is read like a sample that a row brings (`rows/Sample.ts`).
 *
 * @internal
 */
import { isObject } from "../rows/JsonText.ts"
import type { JsonObject } from "../rows/Row.ts"
import { listOf, objectOf } from "../rows/SampleMessages.ts"
import type { Answer } from "./Answer.ts"
import type { Request } from "./Models.ts"
import { isGiven } from "./requests/content.ts"
import { functionToChat } from "./requests/translate.ts"

/** Why there is no answer, or none that counts, as `sample.error` shows it. */
export interface SampleError {
  readonly code: string
  readonly message: string
  readonly type?: string
}

/** The messages that were sent. */
const inputOf = ({ body, dialect }: Request): unknown => {
  if (dialect === "chat") return body["messages"]
  const { input, instructions } = body
  const said = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input)
  return isGiven(instructions) ? [{ role: "system", content: instructions }, ...said] : said
}

/** The tools that were sent, functions as chat completions have them; other tools as they are. */
const toolsOf = ({ body }: Request): ReadonlyArray<unknown> | undefined =>
  Array.isArray(body["tools"]) ? body["tools"].map((tool) => functionToChat(objectOf(tool)) ?? tool) : undefined

const limits = ["max_completion_tokens", "max_output_tokens"] as const

const limitOf = (fields: JsonObject): unknown => limits.map((name) => fields[name]).find(isGiven)

const defined = (fields: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => isGiven(value)))

/**
 * Writes the `sample` of a row that was sampled. The answer is in it with all its
 * fields and digits; what the request set, and what templates and the item show in
 * the words of chat completions, comes before fields of the answer with the same name.
 */
export const sampleText = (request: Request, answer: Answer): string => {
  const { body } = request
  const own = defined({
    input: inputOf(request),
    model: answer.model,
    output_text: answer.sample.render(["output_text"]) === undefined ? "" : undefined,
    finish_reason: answer.finish_reason,
    output_reasoning_summary: answer.output_reasoning_summary,
    input_tools: toolsOf(request),
    temperature: body["temperature"],
    top_p: body["top_p"],
    seed: body["seed"],
    max_completion_tokens: limitOf(body) ?? limitOf(answer.fields),
    // the request was answered and counts as one, though nothing is known of its tokens
    usage: isObject(answer.fields["usage"]) ? undefined : {},
    evals_cached: answer.isCached ? true : undefined
  })
  const members = Object.entries(own).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
  for (const name of Object.keys(answer.fields)) {
    if (!Object.hasOwn(own, name)) members.push(`${JSON.stringify(name)}:${answer.json.json([name]) ?? "null"}`)
  }
  return `{${members.join(",")}}`
}

/**
 * Writes the `sample` of a row that could not be sampled, as recorded ones of the
 * host are: an empty answer, and nothing of what was sent.
 */
export const failedText = (error: SampleError): string =>
  JSON.stringify({
    input: [],
    output: [{ role: "assistant", content: "" }],
    finish_reason: "",
    model: "",
    error
  })
