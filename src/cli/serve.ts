/**
 * `effect-evals serve`
 */
import { createServer } from "node:net"
import { hostname } from "node:os"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as ByteSize from "effect/ByteSize"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as EvalsEngine from "../embedded/EvalsEngine.ts"
import { ReportUrl } from "../engine/ReportUrl.ts"
import * as NodeServer from "../server/NodeServer.ts"
import { prefix } from "../server/Server.ts"
import * as Attached from "./attached.ts"
import * as Place from "./place.ts"
import * as Project from "./project.ts"
import { couldNotRun, type Stop } from "./Stop.ts"

const bytes = (name: string, what: string, otherwise: string) =>
  Flag.String(name).pipe(
    Flag.withMetavar("SIZE"),
    Flag.withDescription(`The largest ${what}, such as 64MiB (default ${otherwise})`),
    Flag.filterMap(
      (text) => Option.flatMap(ByteSize.fromString(/^\d+$/.test(text) ? `${text}B` : text), ByteSize.toNumber),
      () => "a size such as 64MiB, 500kB or 1000000"
    ),
    Flag.optional
  )

const flags = {
  host: Flag.String("host").pipe(
    Flag.withMetavar("ADDRESS"),
    Flag.withDescription("The address to listen on; 127.0.0.1 is this machine alone"),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(
    Flag.withMetavar("PORT"),
    Flag.withDescription("The port; 0 takes a free one"),
    Flag.filter(
      (value) => value >= 0 && value <= 65_535,
      () => "a port from 0 to 65535"
    ),
    Flag.withDefault(4100)
  ),
  db: Place.flags.db,
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The project to serve, where the file holds several"),
    Flag.optional
  ),
  readOnly: Flag.Boolean("read-only").pipe(
    Flag.withDescription("Take no writes and execute nothing; the file is opened for reading alone"),
    Flag.withDefault(false)
  ),
  noAuth: Flag.Boolean("no-auth").pipe(
    Flag.withDescription(
      "Ask for no key, even where others can reach the server: they, and any web page they open, can then read and write"
    ),
    Flag.withDefault(false)
  ),
  maxFile: bytes("max-file", "uploaded file", "512MiB"),
  maxRows: bytes("max-rows", "request that brings rows", "8MiB"),
  maxBody: bytes("max-body", "other request", "1MiB")
}

type Input = Command.Command.Config.Infer<typeof flags>

const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined

const notListening = ({ host, port }: Input, cause: unknown): Stop => {
  switch (codeOf(cause)) {
    case "EADDRINUSE":
      return couldNotRun(`Port ${port} of ${host} is in use: name another with --port, or 0 for a free one.`)
    case "EACCES":
      return couldNotRun(`Port ${port} may not be used without more rights: name one above 1023 with --port.`)
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return couldNotRun(`${host} is no address of this machine: see --host.`)
    default:
      return couldNotRun(
        `The server cannot listen on ${host}:${port}: ${cause instanceof Error ? cause.message : String(cause)}`
      )
  }
}

// a port that cannot be had is no reason to leave a new file behind
const tried = (input: Input): Effect.Effect<void, Stop> =>
  Effect.callback((resume) => {
    const probe = createServer()
    probe.once("error", (cause) => resume(Effect.fail(notListening(input, cause))))
    probe.listen(input.port, input.host, () => probe.close(() => resume(Effect.void)))
    return Effect.sync(() => probe.close())
  })

// an address that stands for all of them is not one to ask
const reachable = (url: string): string => url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")

const named = (address: string): string => {
  const url = new URL(address)
  url.hostname = hostname()
  return url.href
}

const serve = Effect.fnUntraced(function* (input: Input, filename: string, onUrl: (url: string) => void) {
  const key = yield* Config.option(Config.Redacted("EVALS_SERVER_KEY"))
  const secret = input.noAuth ? undefined : Option.getOrUndefined(key)
  const { url } = yield* NodeServer.start({
    host: input.host,
    port: input.port,
    noAuth: input.noAuth,
    readOnly: input.readOnly,
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
      ? 'API key  none is asked for; OpenAI\'s clients want one, such as "none"'
      : "API key  the one in EVALS_SERVER_KEY"
  )
  yield* Console.error(
    `look     ${secret === undefined ? "" : 'OPENAI_API_KEY="$EVALS_SERVER_KEY" '}effect-evals list --base-url ${address}`
  )
  if (address !== url)
    yield* Console.error(`others   put the name of this machine for ${new URL(address).hostname}: ${named(address)}`)
  yield* Console.log(`listening on ${address}`)
  return yield* Effect.onInterrupt(Effect.never, () =>
    Console.error("stopping: answers are waited for; runs that have not ended go on with the next start")
  )
})

/** Serves the API. */
export const command = Command.make("serve", flags, (input) =>
  Effect.gen(function* () {
    const filename = yield* Place.databaseOf(input.db, input.readOnly ? "read" : "execute")
    const project = Option.getOrUndefined(input.project)
    const fs = yield* FileSystem.FileSystem
    if (!(yield* Effect.orElseSucceed(fs.exists(filename), () => true))) yield* tried(input)
    let address = ""
    // asked for with each run, when the port is known
    const reportUrl = Layer.succeed(
      ReportUrl,
      (evalId: string, runId: string) =>
        `${address}/evaluations/${encodeURIComponent(evalId)}?run_id=${encodeURIComponent(runId)}`
    )
    const serving = Effect.scoped(
      serve(input, filename, (url) => {
        address = reachable(url).slice(0, -prefix.length)
      })
    )
    const engine: Layer.Layer<EvalsEngine.EvalsEngine, Place.EngineError, FileSystem.FileSystem> = input.readOnly
      ? Attached.layer({ filename, project, mode: "read" })
      : Layer.unwrap(Effect.as(Project.check(filename, project), EvalsEngine.layerSqlite({ filename, project })))
    return yield* serving.pipe(
      Effect.catchTags({
        ServeError: ({ cause }) => Effect.fail(notListening(input, cause)),
        OpenToOthers: ({ message }) => Effect.fail(couldNotRun(message)),
        ConfigError: ({ message }) => Effect.fail(couldNotRun(message))
      }),
      Effect.provide(Layer.provide(engine, reportUrl)),
      Effect.mapError(Place.unusable(filename))
    )
  })
).pipe(
  Command.withDescription(
    "Serves the API from a file: a client of OpenAI's works with it that has its address as base URL. Runs that were " +
      "cut off go on when it starts. It stops at the first Ctrl-C, and tells with exit code 130."
  ),
  Command.withShortDescription("Serve the API on this machine"),
  Command.withExamples([
    { command: "effect-evals serve", description: "For this machine, on port 4100" },
    { command: "effect-evals serve --db archive.db --read-only", description: "An archive, under its own ids" },
    {
      command: "EVALS_SERVER_KEY=… effect-evals serve --host 0.0.0.0",
      description: "For others too, who must bring the key"
    }
  ])
)
