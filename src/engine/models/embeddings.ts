/**
 * Embeddings of texts: equal texts are sent once, several in one request.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import { parseJson } from "../../schema/fields.ts"
import { isObject } from "../rows/JsonText.ts"
import type { JsonObject } from "../rows/Row.ts"
import { saidUsageOf } from "../rows/sampleFields.ts"
import { listOf, objectOf, textOf } from "../rows/SampleMessages.ts"
import type { Attempted, Attempts } from "./Attempts.ts"
import { type Reason, Untranslatable } from "./ModelError.ts"
import type { EmbedCall, Embeddings } from "./Models.ts"
import { estimateTokens } from "./Pacer.ts"
import { isError } from "./readError.ts"
import * as Transport from "./Transport.ts"

/** The path of the API. */
export const path = "/embeddings"

/** The most texts of one request. */
const mostInputs = 128
/** The most characters of one request; a longer text goes alone. */
const mostCharacters = 256 * 1024

/** Makes the attempts at a request with a body, to which the entry's parameters are applied. */
export type Post = (body: JsonObject) => Pick<Attempted<Transport.Answered>, "once" | "mend">

type Batch = ReadonlyArray<string>

/** The vectors of one request, in the order of its texts. */
interface Part {
  readonly model: string
  readonly vectors: ReadonlyArray<ReadonlyArray<number>>
  readonly prompt_tokens: number | undefined
}

const batchesOf = (inputs: Iterable<string>): ReadonlyArray<Batch> => {
  const batches: Array<Batch> = []
  let batch: Array<string> = []
  let size = 0
  for (const input of inputs) {
    if (batch.length > 0 && (batch.length === mostInputs || size + input.length > mostCharacters)) {
      batches.push(batch)
      batch = []
      size = 0
    }
    batch.push(input)
    size += input.length
  }
  return batch.length === 0 ? batches : [...batches, batch]
}

const isVector = (value: unknown): value is ReadonlyArray<number> =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "number" && Number.isFinite(one))

/** Reads the vectors of an answer; undefined where one is missing or is none. */
const vectorsOf = (data: unknown, count: number): ReadonlyArray<ReadonlyArray<number>> | undefined => {
  const list = listOf(data)
  const found = Array.from<ReadonlyArray<number> | undefined>({ length: count })
  for (const [place, entry] of list.entries()) {
    const { embedding, index } = objectOf(entry)
    if (isVector(embedding)) found[typeof index === "number" ? index : place] = embedding
  }
  const vectors = found.flatMap((vector) => (vector === undefined ? [] : [vector]))
  return list.length === count && found.length === count && vectors.length === count ? vectors : undefined
}

const read = (answered: Transport.Answered, model: string, count: number): Effect.Effect<Part, Reason> => {
  const json = parseJson(answered.text)
  if (isError(json)) return Effect.flatMap(Transport.errorIn(answered), (reason) => Effect.fail(reason))
  const fields = objectOf(json)
  const vectors = vectorsOf(fields["data"], count)
  if (vectors === undefined) {
    const problem = isObject(json) ? `it has not one vector for each of ${count} texts` : "it is no JSON object"
    return Effect.fail(Transport.unreadable(answered, problem))
  }
  const { prompt_tokens, total_tokens } = saidUsageOf(fields)
  return Effect.succeed({
    model: textOf(fields["model"]) ?? model,
    vectors,
    prompt_tokens: prompt_tokens ?? total_tokens
  })
}

/** Embeds texts. `model` is the name at the endpoint. */
export const embed = Effect.fnUntraced(function* (
  call: EmbedCall,
  model: string,
  attempts: Attempts,
  post: Post | undefined
): Effect.fn.Return<Embeddings, Reason> {
  if (post === undefined) {
    return yield* new Untranslatable({
      message: "a function has no embeddings; give the entry of an endpoint that has them",
      places: []
    })
  }
  const batches = batchesOf(new Set(call.inputs))
  const parts = yield* Effect.forEach(
    batches,
    (batch) => {
      const { mend, once } = post({ model, input: batch, encoding_format: "float" })
      return attempts.send({
        group: call.group,
        model,
        tokens: estimateTokens(batch.reduce((sum, text) => sum + text.length, 0)),
        operation: "embeddings",
        usageOf: ({ prompt_tokens }: Part) => ({
          prompt_tokens,
          completion_tokens: undefined,
          total_tokens: undefined,
          cached_tokens: undefined
        }),
        about: (part: Part) => ({ model: part.model }),
        once: (observe) => Effect.flatMap(once(observe), (answered) => read(answered, model, batch.length)),
        ...(mend === undefined ? {} : { mend })
      })
    },
    // the pacer decides how many are in flight
    { concurrency: batches.length }
  )
  const byText = new Map<string, ReadonlyArray<number>>()
  for (const [index, { vectors }] of parts.entries()) {
    for (const [place, text] of (batches[index] ?? []).entries()) byText.set(text, vectors[place] ?? [])
  }
  const counts = parts.map(({ prompt_tokens }) => prompt_tokens)
  return {
    model: parts[0]?.model ?? model,
    vectors: call.inputs.map((input) => byText.get(input) ?? []),
    prompt_tokens: counts.every((count) => count === undefined)
      ? undefined
      : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
  }
})
