/**
 * `effect-evals models`
 */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Answer } from "../engine/models/Answer.ts"
import type { Description, Resolved, Service } from "../engine/models/Models.ts"
import { noEndpoint } from "../engine/models/noEndpoint.ts"
import { count, duration, quantity } from "../report/format.ts"
import { plain } from "../report/plainText.ts"
import type { Input } from "./commands/models.ts"
import * as ModelsInUse from "./models.ts"
import { outputWidth } from "./outputWidth.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { cut, fittedTable, table } from "./textLayout.ts"

// =============================================================================
// the list
// =============================================================================

const apisOf = ({ apis: { chat, responses } }: Description): string =>
  chat === "unknown" && responses === "unknown"
    ? "found out"
    : [...(chat === "yes" ? ["chat"] : []), ...(responses === "yes" ? ["responses"] : [])].join(", ")

const keyOf = { none: "none", given: "given", read: "in a file" }

const limitsOf = ({ limits: { inFlight, requestsPerMinute, tokensPerMinute } }: Description): string => {
  const said = [
    ...(inFlight === undefined ? [] : [`${count(inFlight)} in flight`]),
    ...(requestsPerMinute === undefined ? [] : [`${count(requestsPerMinute)} requests/min`]),
    ...(tokensPerMinute === undefined ? [] : [`${count(tokensPerMinute)} tokens/min`])
  ]
  return said.length === 0 ? "learned" : said.join(", ")
}

const priceOf = ({ price }: Description): string =>
  price === undefined
    ? "none"
    : [
        `${price.input} in`,
        ...(price.cachedInput === undefined ? [] : [`${price.cachedInput} cached`]),
        `${price.output} out`
      ].join(", ")

/** Formats entries as a table. */
export const formatModels = (entries: ReadonlyArray<Description>, width?: number): ReadonlyArray<string> =>
  fittedTable(
    [
      ["match", "endpoint", "sent as", "api", "key", "limits", "price per million tokens"],
      ...entries.map((entry) => [
        plain(entry.match),
        plain(entry.endpoint),
        entry.model === undefined ? "" : plain(entry.model),
        apisOf(entry),
        keyOf[entry.key],
        limitsOf(entry),
        priceOf(entry)
      ])
    ],
    7,
    width
  )

const list = ({ origin, service }: ModelsInUse.InUse, asJson: boolean) =>
  Effect.gen(function* () {
    const entries = yield* service.list
    if (asJson) return yield* Console.log(JSON.stringify({ origin, entries }, null, 2))
    const width = yield* outputWidth
    yield* Console.log([`models of ${plain(origin ?? "")}`, ...formatModels(entries, width)].join("\n"))
  })

// =============================================================================
// a check
// =============================================================================

/** The question. A model that reasons may need more tokens than the answer has. */
const question = "Reply with the word: ok"
const mostTokens = 64

/** The time limit of a check. A local server may have to load the model. */
const patience = "3 minutes"

const isEmbedding = (model: string): boolean => /embed/i.test(model)

interface Checked {
  /** The name of the model in the answer. */
  readonly model: string
  readonly tokens: number | undefined
  readonly api: string
  readonly text: string
}

const ofAnswer = ({ api, model, output_text, refusal, usage }: Answer): Checked => ({
  model,
  tokens:
    usage.total_tokens ??
    (usage.prompt_tokens === undefined ? undefined : usage.prompt_tokens + (usage.completion_tokens ?? 0)),
  api: api === "chat" ? "/chat/completions" : "/responses",
  text: refusal ?? output_text
})

const ask = (service: Service, model: string) =>
  isEmbedding(model)
    ? Effect.map(
        service.embed({ model, inputs: [question], group: "check" }),
        ({ model: answered, prompt_tokens, vectors }): Checked => ({
          model: answered,
          tokens: prompt_tokens,
          api: "/embeddings",
          text: quantity(vectors[0]?.length ?? 0, "number")
        })
      )
    : Effect.map(
        service.ask({
          dialect: "chat",
          body: { model, messages: [{ role: "user", content: question }], max_completion_tokens: mostTokens },
          purpose: "sample",
          group: "check"
        }),
        ofAnswer
      )

/** Ends once the endpoint does not answer at all. A run would wait for it. */
const untilDown = (service: Service, { endpoint, match }: Resolved): Effect.Effect<never, Stop> =>
  Effect.gen(function* () {
    while (true) {
      yield* Effect.sleep("100 millis")
      const traffic = (yield* service.stats).find((one) => one.match === match && one.endpoint === endpoint)
      if (traffic?.down === true) return yield* couldNotRun(`${endpoint} cannot be reached.`)
    }
  })

const checkModel = (service: Service, name: string, asJson: boolean) =>
  Effect.gen(function* () {
    const found = service.find(name)
    if (found === undefined) {
      const matches = (yield* service.list).map(({ match }) => match)
      return yield* couldNotRun(`${noEndpoint(name, matches).message}.`)
    }
    const began = yield* Clock.currentTimeMillis
    const asked = Effect.mapError(ask(service, name), (error) => couldNotRun(plain(error.message)))
    const checked = yield* Effect.raceFirst(asked, untilDown(service, found)).pipe(
      Effect.timeoutOrElse({
        duration: patience,
        orElse: () => Effect.fail(couldNotRun(`${found.endpoint} gave no answer within ${patience}.`))
      })
    )
    const seconds = ((yield* Clock.currentTimeMillis) - began) / 1000
    if (asJson) {
      const { endpoint, match, model: sent } = found
      return yield* Console.log(JSON.stringify({ name, match, endpoint, sent, seconds, ...checked }, null, 2))
    }
    const rows = [
      ["model", plain(name) + (found.model === name ? "" : `, sent as ${plain(found.model)}`)],
      ["endpoint", `${found.endpoint}, of the entry ${JSON.stringify(found.match)}`],
      ["answer", `in ${duration(seconds)}, over ${checked.api}`],
      ["answered by", plain(checked.model)],
      ["tokens", checked.tokens === undefined ? "not said" : count(checked.tokens)],
      ["text", cut(plain(checked.text), 60)]
    ]
    yield* Console.log(table(rows, 2).join("\n"))
  })

/** Lists the models, or asks one. */
export const handler = (input: Input) =>
  Effect.gen(function* () {
    const models = yield* ModelsInUse.open({ file: input.models, asks: true })
    if (models.note !== undefined) yield* Console.error(`note     ${models.note}`)
    if (Option.isSome(input.check)) return yield* checkModel(models.service, input.check.value, input.json)
    if (models.origin === undefined) {
      return yield* couldNotRun(
        "No endpoint of models is configured. Name one with --models FILE, or in EVALS_MODEL_BASE_URL and " +
          "EVALS_MODEL_API_KEY; docs/models.md has the file."
      )
    }
    yield* list(models, input.json)
  }).pipe(Effect.scoped)
