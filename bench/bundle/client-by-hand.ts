/**
 * What an application would write for itself over effect's HTTP and schemas, had it
 * no library: the same three operations with paging, polling, retries, time limits,
 * typed errors and configuration, and no more of each than it needs.
 */
import { Clock, Config, Context, Duration, Effect, Layer, Option, Random, Schedule, Schema, Stream } from "effect"
import { HttpBody, HttpClient, HttpClientRequest, type HttpClientResponse } from "effect/http"

const RunId = Schema.String.pipe(Schema.brand("RunId"))
type RunId = typeof RunId.Type

const Source = Schema.Union([
  Schema.Struct({ type: Schema.tag("file_id"), id: Schema.String }),
  Schema.Struct({
    type: Schema.tag("file_content"),
    content: Schema.Array(Schema.Struct({ item: Schema.Record(Schema.String, Schema.Unknown) }))
  })
]).pipe(Schema.toTaggedUnion("type"))

const Run = Schema.Struct({
  id: RunId,
  object: Schema.Literal("eval.run"),
  status: Schema.Union([
    Schema.Literals(["queued", "in_progress", "completed", "canceled", "failed"]),
    Schema.StringForLiteralAutocomplete
  ]),
  name: Schema.NullOr(Schema.String),
  created_at: Schema.Finite,
  result_counts: Schema.Struct({ total: Schema.Int, errored: Schema.Int, failed: Schema.Int, passed: Schema.Int }),
  error: Schema.optionalKey(Schema.NullOr(Schema.Struct({ code: Schema.String, message: Schema.String })))
})
type Run = typeof Run.Type

const RunPage = Schema.Struct({ data: Schema.Array(Run), has_more: Schema.Boolean })

const NewRun = Schema.Struct({
  name: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(64))),
  data_source: Schema.Struct({ type: Schema.tag("jsonl"), source: Source }),
  metadata: Schema.optionalKey(
    Schema.Record(Schema.String, Schema.String).check(
      Schema.makeFilter((metadata) => Object.keys(metadata).length <= 16 || "at most 16 pairs of metadata")
    )
  )
})

class StatusError extends Schema.TaggedError<StatusError>("app/StatusError")("StatusError", {
  message: Schema.String,
  status: Schema.Int,
  retryAfter: Schema.optionalKey(Schema.Duration)
}) {}

class Unreachable extends Schema.TaggedError<Unreachable>("app/Unreachable")("Unreachable", {
  message: Schema.String
}) {}

class Unreadable extends Schema.TaggedError<Unreadable>("app/Unreadable")("Unreadable", { message: Schema.String }) {}

class RunsError extends Schema.TaggedError<RunsError>("app/RunsError")("RunsError", {
  operation: Schema.String,
  reason: Schema.Union([StatusError, Unreachable, Unreadable])
}) {
  get isRetryable() {
    return this.reason._tag === "Unreachable" || (this.reason._tag === "StatusError" && this.reason.status >= 429)
  }
}

/** The client of the application. */
export class Runs extends Context.Service<
  Runs,
  {
    readonly list: (evalId: string) => Stream.Stream<Run, RunsError>
    readonly create: (evalId: string, run: typeof NewRun.Type) => Effect.Effect<Run, RunsError>
    readonly changes: (evalId: string, runId: RunId) => Stream.Stream<Run, RunsError>
  }
>()("app/Runs") {}

const policy = Schedule.min([Schedule.exponential("500 millis"), Schedule.spaced("8 seconds")]).pipe(
  Schedule.upTo({ times: 3 }),
  Schedule.setInputType<RunsError>(),
  Schedule.while(({ input }) => input.isRetryable),
  Schedule.modifyDelay(({ duration, input }) =>
    input.reason._tag === "StatusError" && input.reason.retryAfter !== undefined
      ? Effect.succeed(input.reason.retryAfter)
      : Effect.map(Random.next, (random) => Duration.times(duration, 1 - random / 4))
  )
)

const polling = Schedule.min([Schedule.exponential("1 second", 1.5), Schedule.spaced("15 seconds")]).pipe(
  Schedule.jittered
)

const ended = (run: Run | undefined) => run !== undefined && /^(completed|canceled|failed)$/.test(run.status)

/** The client of the application, configured from the environment. */
export const layer = Layer.effect(
  Runs,
  Effect.gen(function* () {
    const baseUrl = yield* Config.option(Config.NonEmptyString("OPENAI_BASE_URL"))
    const key = yield* Config.Redacted("OPENAI_API_KEY")
    const client = (yield* HttpClient.HttpClient).pipe(
      HttpClient.mapRequest((request) =>
        request.pipe(
          HttpClientRequest.prependUrl(Option.getOrElse(baseUrl, () => "https://api.openai.com/v1")),
          HttpClientRequest.bearerToken(key),
          HttpClientRequest.acceptJson
        )
      ),
      HttpClient.transformResponse(Effect.provideService(HttpClient.TracerPropagationEnabled, false))
    )

    const answer = (operation: string, request: HttpClientRequest.HttpClientRequest) =>
      client.execute(request).pipe(
        Effect.mapError((error) => new Unreachable({ message: error.message })),
        Effect.flatMap(
          Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse) {
            if (response.status < 300) return response
            const now = yield* Clock.currentTimeMillis
            const after = Date.parse(response.headers["retry-after"] ?? "")
            return yield* new StatusError({
              message: `status ${response.status}`,
              status: response.status,
              ...(Number.isNaN(after) ? {} : { retryAfter: Duration.millis(Math.max(0, after - now)) })
            })
          })
        ),
        Effect.mapError((reason) => new RunsError({ operation, reason })),
        Effect.timeoutOrElse({
          duration: "2 minutes",
          orElse: () => Effect.fail(new RunsError({ operation, reason: new Unreachable({ message: "no answer" }) }))
        }),
        Effect.retry({ schedule: policy, while: (error) => error.isRetryable })
      )

    const reader = <S extends Schema.ConstraintCodec<unknown, unknown, never, never>>(schema: S) => {
      const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(schema))
      return (operation: string, request: HttpClientRequest.HttpClientRequest) =>
        answer(operation, request).pipe(
          Effect.flatMap((response) => response.text),
          Effect.flatMap(decode),
          Effect.mapError((error) =>
            error instanceof RunsError
              ? error
              : new RunsError({ operation, reason: new Unreadable({ message: error.message }) })
          )
        )
    }
    const readRun = reader(Run)
    const readPage = reader(RunPage)
    const encode = Schema.encodeEffect(Schema.fromJsonString(NewRun))
    const path = (evalId: string) => `/evals/${encodeURIComponent(evalId)}/runs`

    return Runs.of({
      list: (evalId) =>
        Stream.paginate(undefined, (after: RunId | undefined) =>
          Effect.map(
            readPage(
              "list",
              HttpClientRequest.get(path(evalId), {
                urlParams: { limit: 100, ...(after === undefined ? {} : { after }) }
              })
            ),
            ({ data, has_more }) => [data, has_more ? Option.fromUndefinedOr(data.at(-1)?.id) : Option.none()] as const
          )
        ).pipe(Stream.buffer({ capacity: 1 })),

      create: (evalId, run) =>
        Effect.orDie(encode(run)).pipe(
          Effect.flatMap((json) =>
            readRun(
              "create",
              HttpClientRequest.setBody(HttpClientRequest.post(path(evalId)), HttpBody.text(json, "application/json"))
            )
          ),
          Effect.uninterruptible,
          Effect.onInterrupt(() => Effect.logWarning("a run may have been created"))
        ),

      changes: (evalId, runId) =>
        Stream.unwrap(
          Effect.map(Schedule.toStepWithSleep(polling), (step) =>
            Stream.unfold(undefined, (last: Run | undefined) =>
              Effect.gen(function* () {
                if (ended(last)) return undefined
                if (last !== undefined) yield* Effect.catch(step(last), () => Effect.void)
                const run = yield* readRun(
                  "retrieve",
                  HttpClientRequest.get(`${path(evalId)}/${encodeURIComponent(runId)}`)
                )
                return [run, run] as const
              })
            )
          )
        )
    })
  })
)
