/**
 * `effect-evals serve`
 */
import { createServer } from "node:net"
import { hostname } from "node:os"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { ReportUrl } from "../engine/texts/ReportUrl.ts"
import * as NodeServer from "../server/NodeServer.ts"
import { isLoopback } from "../server/isLoopback.ts"
import { prefix } from "../server/Server.ts"
import type { Input } from "./commands/serve.ts"
import { databasePath } from "./databasePath.ts"
import { layerReading, layerServing } from "./engineInFile.ts"
import * as ModelsInUse from "./models.ts"
import { unusable } from "./targetInFile.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { Hangup, untilTermination } from "./Termination.ts"

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

const notListening = ({ host, port }: Input, cause: unknown): Stop => {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return couldNotRun(`Port ${port} of ${host} is in use: name another with --port, or 0 for a free one.`)
    case "EACCES":
      return couldNotRun(`Port ${port} needs more rights: name one above 1023 with --port.`)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return couldNotRun(`${host} is no address of this machine: see --host.`)
    default:
      return couldNotRun(
        `The server cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`
      )
  }
}

// a port that is in use must not leave a new file behind
const tried = (input: Input): Effect.Effect<void, Stop> =>
  Effect.callback((resume) => {
    const probe = createServer()
    probe.once("error", (cause) => resume(Effect.fail(notListening(input, cause))))
    probe.listen(input.port, input.host, () => probe.close(() => resume(Effect.void)))
    return Effect.sync(() => probe.close())
  })

// clients cannot connect to an address that stands for all addresses
const reachable = (url: string): string => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

const named = (address: string): string => {
  const url = new URL(address)
  url.hostname = hostname()
  return url.href
}

/** Whether an address is the one of the server that is about to start. */
const isOwn =
  ({ host, port }: Input) =>
  (address: URL): boolean => {
    const name = address.hostname.toLowerCase()
    const names = [host.toLowerCase(), `[${host.toLowerCase()}]`, hostname().toLowerCase()]
    const itsPort = address.port === "" ? (address.protocol === "https:" ? 443 : 80) : Number(address.port)
    return port !== 0 && itsPort === port && (isLoopback(name) || names.includes(name))
  }

/** Reads the file of the models again at each SIGHUP. Without a file, SIGHUP stops the server. */
const reloading = (models: ModelsInUse.InUse): Effect.Effect<void> => {
  const { reload } = models
  return reload === undefined
    ? Effect.void
    : Effect.flatMap(Hangup, (atEach) =>
        atEach(
          Effect.matchEffect(reload, {
            onFailure: ({ message }) => Console.error(`${message}\nThe models stay as they were.`),
            onSuccess: () => ModelsInUse.announce(models)
          })
        )
      )
}

const serve = Effect.fnUntraced(function* (
  input: Input,
  filename: string,
  models: ModelsInUse.InUse,
  onUrl: (url: string) => void
) {
  const key = yield* Config.option(Config.Redacted("EVALS_SERVER_KEY"))
  const secret = input.noAuth ? undefined : Option.getOrUndefined(key)
  const { url } = yield* NodeServer.start({
    host: input.host,
    port: input.port,
    noAuth: input.noAuth,
    readOnly: input.readOnly,
    allowOrigins: input.allowOrigin,
    ...(secret === undefined ? {} : { key: secret }),
    limits: {
      ...(Option.isSome(input.maxFile) ? { file: input.maxFile.value } : {}),
      ...(Option.isSome(input.maxRows) ? { rows: input.maxRows.value } : {}),
      ...(Option.isSome(input.maxBody) ? { body: input.maxBody.value } : {})
    }
  })
  onUrl(url)
  yield* Console.error(`database ${filename}`)
  const address = reachable(url)
  yield* Console.error(`base URL ${address}`)
  yield* Console.error(
    secret === undefined
      ? 'API key  none is required; OpenAI\'s clients need one, such as "none"'
      : "API key  the one in EVALS_SERVER_KEY"
  )
  yield* Console.error(
    `look     ${secret === undefined ? "" : 'OPENAI_API_KEY="$EVALS_SERVER_KEY" '}effect-evals list --base-url ${address}`
  )
  if (address !== url)
    yield* Console.error(`others   put the name of this machine for ${new URL(address).hostname}: ${named(address)}`)
  yield* ModelsInUse.announce(models)
  yield* Effect.forkScoped(reloading(models))
  yield* Console.log(`listening on ${address}`)
  return yield* Effect.onInterrupt(Effect.never, () =>
    Console.error("stopping: open requests are answered; unfinished runs are resumed at the next start")
  )
})

/** Serves the API. */
export const handler = (input: Input) =>
  Effect.gen(function* () {
    const filename = yield* databasePath(input.db, input.readOnly ? "read" : "execute")
    const project = Option.getOrUndefined(input.project)
    const fs = yield* FileSystem.FileSystem
    if (!(yield* Effect.orElseSucceed(fs.exists(filename), () => true))) yield* tried(input)
    const models = input.readOnly
      ? ModelsInUse.noModels
      : yield* ModelsInUse.open({ file: input.models, asks: true, isOwn: isOwn(input) })
    let address = ""
    // read for each run, after the port is known
    const reportUrl = Layer.succeed(
      ReportUrl,
      (evalId: string, runId: string) =>
        `${address}/evaluations/${encodeURIComponent(evalId)}?run_id=${encodeURIComponent(runId)}`
    )
    const serving = Effect.scoped(
      serve(input, filename, models, (url) => {
        address = reachable(url).slice(0, -prefix.length)
      })
    )
    const engine = (input.readOnly ? layerReading : layerServing)({
      filename,
      project,
      cache: input.cache,
      ceilings: {
        maxTokens: Option.getOrUndefined(input.maxTokens),
        maxRequests: Option.getOrUndefined(input.maxRequests),
        maxCost: Option.getOrUndefined(input.maxCost),
        maxCostPerDay: Option.getOrUndefined(input.maxCostPerDay)
      }
    })
    return yield* serving.pipe(
      Effect.catchTags({
        ServeError: ({ cause }) => Effect.fail(notListening(input, cause)),
        OpenToOthers: ({ message }) => Effect.fail(couldNotRun(message)),
        ConfigError: ({ message }) => Effect.fail(couldNotRun(message))
      }),
      Effect.provide(Layer.provide(engine, reportUrl)),
      ModelsInUse.provide(models),
      Effect.mapError(unusable(filename)),
      untilTermination
    )
  }).pipe(Effect.scoped)
