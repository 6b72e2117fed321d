/**
 * The models that a command asks in its own process: those of `--models`, or else the endpoint of the environment.
 */
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { HttpEntry } from "../engine/models/Entry.ts"
import type { InvalidModels } from "../engine/models/entryProblems.ts"
import { type Description, Models, none, type Service } from "../engine/models/Models.ts"
import * as Registry from "../engine/models/Registry.ts"
import { makeFile } from "../engine/models/ReloadableModels.ts"
import { optional } from "../internal/environment.ts"
import { plain } from "../report/plainText.ts"
import { parseJson } from "../schema/fields.ts"
import { packageName } from "../schema/packageVersion.ts"
import { modelTransport } from "./proxy.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { section, table } from "./textLayout.ts"

/** The models of a command. */
export interface InUse {
  readonly service: Service
  /** The file, or the environment variables, that name them. Undefined if nothing does. */
  readonly origin: string | undefined
  /** Says why the endpoint of the environment is not used. */
  readonly note: string | undefined
  /** Reads the file again. Undefined if there is none. */
  readonly reload: Effect.Effect<void, Stop> | undefined
}

/** The options of a command that opens models. */
export interface Given {
  /** The file of `--models`. */
  readonly file: Option.Option<string>
  /** Whether models may be asked. If not, nobody is contacted to find out who answers. */
  readonly asks: boolean
  /** Replaces the network. */
  readonly transport?: Layer.Layer<HttpClient.HttpClient> | undefined
  /** Whether an address is the one at which this command is going to listen. */
  readonly isOwn?: ((address: URL) => boolean) | undefined
}

const unusable = (name: string) => (error: InvalidModels) =>
  couldNotRun(section(`${name} cannot be used`, error.problems.map(plain)).join("\n"))

// =============================================================================
// a file
// =============================================================================

/** Finds the environment variables that a file names. A file with a mistake is refused by its reader. */
const variablesOf = (text: string): ReadonlyArray<string> => {
  const value = parseJson(text.replace(/^\uFEFF/, ""))
  const entries = Predicate.isObject(value) && Array.isArray(value["entries"]) ? value["entries"] : []
  return entries.flatMap((entry: unknown) => {
    const name = Predicate.isObject(entry) ? entry["keyEnv"] : undefined
    return typeof name === "string" && name !== "" ? [name] : []
  })
}

const ofFile = (
  file: string
): Effect.Effect<InUse, Stop, FileSystem.FileSystem | HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const env: Record<string, string | undefined> = {}
    // a layer reads no environment; the file may name other variables when it is read again
    const findVariables = Effect.gen(function* () {
      const text = yield* Effect.orElseSucceed(fs.readFileString(file), () => "")
      for (const name of variablesOf(text)) {
        env[name] = yield* Effect.orElseSucceed(optional(Config.String(name)), () => undefined)
      }
    })
    yield* findVariables
    const { reload, service } = yield* Effect.mapError(makeFile(file, { env }), unusable(file))
    return {
      service,
      origin: file,
      note: undefined,
      reload: Effect.andThen(findVariables, Effect.mapError(reload, unusable(file)))
    }
  })

// =============================================================================
// the environment
// =============================================================================

const defaultAddress = "https://api.openai.com/v1"

/** The time limit for an answer to the question who is there. */
const firstAnswer = "2 seconds"

/** Returns whether a server of this package answers at an address. It asks no models for others. */
const isEvalsServer = (
  baseUrl: string,
  key: Redacted.Redacted | undefined
): Effect.Effect<boolean, never, HttpClient.HttpClient> =>
  Effect.gen(function* () {
    const get = HttpClientRequest.get(baseUrl)
    const response = yield* HttpClient.execute(
      key === undefined ? get : HttpClientRequest.bearerToken(get, Redacted.make(Redacted.value(key).trim()))
    )
    const value = parseJson(yield* response.text)
    return Predicate.isObject(value) && value["object"] === "server" && value["name"] === packageName
  }).pipe(
    Effect.provideService(HttpClient.TracerPropagationEnabled, false),
    Effect.timeout(firstAnswer),
    // whatever it is, a model may be asked there
    Effect.orElseSucceed(() => false)
  )

interface Named {
  readonly address: string | undefined
  readonly key: Redacted.Redacted | undefined
  /** The variables that are set. */
  readonly variables: string
}

const named = (address: string, key: string): Effect.Effect<Named | undefined, Config.ConfigError> =>
  Effect.gen(function* () {
    const found = {
      address: (yield* optional(Config.String(address)))?.trim() || undefined,
      key: yield* optional(Config.Redacted(key))
    }
    const hasKey = found.key !== undefined && Redacted.value(found.key).trim() !== ""
    if (found.address === undefined && !hasKey) return undefined
    return {
      address: found.address,
      key: hasKey ? found.key : undefined,
      variables: [...(found.address === undefined ? [] : [address]), ...(hasKey ? [key] : [])].join(", ")
    }
  })

/** Nothing that can be asked. */
export const noModels: InUse = { service: none, origin: undefined, note: undefined, reload: undefined }

const notAsked = (variable: string): InUse => ({
  ...noModels,
  note:
    `${variable} names a server of ${packageName}, which has no models. To ask models, name their endpoint in ` +
    "EVALS_MODEL_BASE_URL, or in a file with --models."
})

const ofEnvironment = ({
  asks,
  isOwn
}: Given): Effect.Effect<InUse, Stop | Config.ConfigError, HttpClient.HttpClient | Scope.Scope> =>
  Effect.gen(function* () {
    const own = yield* named("EVALS_MODEL_BASE_URL", "EVALS_MODEL_API_KEY")
    const found = own ?? (yield* named("OPENAI_BASE_URL", "OPENAI_API_KEY"))
    if (found === undefined) return noModels
    const { address, key, variables } = found
    if (own === undefined && address !== undefined && URL.canParse(address)) {
      const isServer = isOwn?.(new URL(address)) === true || (asks && (yield* isEvalsServer(address, key)))
      if (isServer) return notAsked("OPENAI_BASE_URL")
    }
    const organization = own === undefined ? yield* optional(Config.NonEmptyString("OPENAI_ORG_ID")) : undefined
    const project = own === undefined ? yield* optional(Config.NonEmptyString("OPENAI_PROJECT_ID")) : undefined
    const entry: HttpEntry = {
      match: "*",
      baseUrl: address ?? defaultAddress,
      ...(key === undefined ? {} : { key }),
      headers: {
        ...(organization === undefined ? {} : { "OpenAI-Organization": organization }),
        ...(project === undefined ? {} : { "OpenAI-Project": project })
      }
    }
    const service = yield* Effect.catch(Registry.make([entry]), ({ problems }) => {
      // `entries[0].baseUrl: is no URL` of an entry that nobody has written
      const said = problems.map((problem) => plain(problem.replace(/^entries\[0\]\.\w+: /, "")))
      return Effect.fail(couldNotRun(`${variables}: ${said.join("; ")}.`))
    })
    return { service, origin: variables, note: undefined, reload: undefined }
  })

// =============================================================================
// use
// =============================================================================

/** Opens the models. Nothing is sent to them. */
export const open = (given: Given): Effect.Effect<InUse, Stop, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const { file } = given
    const transport = yield* Layer.build(given.transport ?? (yield* modelTransport))
    const opened = Option.isSome(file) ? ofFile(file.value) : ofEnvironment(given)
    return yield* Effect.provideContext(
      opened,
      Context.merge(yield* Effect.context<FileSystem.FileSystem | Scope.Scope>(), transport)
    )
  }).pipe(Effect.catchTag("ConfigError", (error) => Effect.fail(couldNotRun(error.message))))

const keyWords = { none: "no key", given: "with a key", read: "with a key of a file" }

/** Formats entries, one a line. */
export const formatEntries = (entries: ReadonlyArray<Description>): ReadonlyArray<string> =>
  table(
    entries.map(({ endpoint, key, match, model }) => [
      plain(match),
      plain(endpoint),
      keyWords[key],
      model === undefined ? "" : `as ${plain(model)}`
    ]),
    4
  )

/** Says on standard error which models are in use. */
export const announce = ({ note, origin, service }: InUse): Effect.Effect<void> =>
  Effect.gen(function* () {
    if (note !== undefined) yield* Console.error(`note     ${note}`)
    if (origin === undefined) return
    yield* Console.error(`models   ${plain(origin)}`)
    for (const line of formatEntries(yield* service.list)) yield* Console.error(`         ${line}`)
  })

/** Runs an effect whose engine asks these models. */
export const provide =
  ({ service }: InUse) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.provideService(self, Models, service)
