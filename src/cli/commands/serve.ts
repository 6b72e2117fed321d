/**
 * `effect-evals serve`
 */
import * as ByteSize from "effect/ByteSize"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { Environment, folder, models, network } from "./environment.ts"
import * as Flags from "./flags.ts"
import { loaded } from "./loaded.ts"

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
    Flag.withDescription("The address to listen on; 127.0.0.1 is reachable only from this machine (default 127.0.0.1)"),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(
    Flag.withMetavar("PORT"),
    Flag.withDescription("The port; 0 takes a free one (default 4100)"),
    Flag.filter(
      (value) => value >= 0 && value <= 65_535,
      () => "a port from 0 to 65535"
    ),
    Flag.withDefault(4100)
  ),
  db: Flags.target.db,
  project: Flag.String("project").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("The project to serve, if the file holds several"),
    Flag.optional
  ),
  models: Flags.models,
  cache: Flags.cache,
  ...Flags.ceilings,
  maxCostPerDay: Flags.money(
    "max-cost-per-day",
    "Cancel runs that would cost more in a day, which ends at midnight UTC, all together"
  ),
  readOnly: Flag.Boolean("read-only").pipe(
    Flag.withDescription("Refuse writes and execute nothing; the file is opened read-only"),
    Flag.withDefault(false)
  ),
  noAuth: Flag.Boolean("no-auth").pipe(
    Flag.withDescription(
      "Require no key, even if other machines can reach the server: they, and any web page they open, can read and write"
    ),
    Flag.withDefault(false)
  ),
  allowOrigin: Flag.String("allow-origin").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription(
      "Allow requests from web pages of this origin, such as https://app.example (CORS); may be repeated"
    ),
    Flag.atLeast(0)
  ),
  maxFile: bytes("max-file", "uploaded file", "512MiB"),
  maxRows: bytes("max-rows", "request with rows", "8MiB"),
  maxBody: bytes("max-body", "other request", "1MiB")
}

/** The flags of `serve`. */
export type Input = Command.Command.Config.Infer<typeof flags>

/** Serves the API. */
export const command = Command.make(
  "serve",
  flags,
  loaded(() => import("../serve.ts"))
).pipe(
  Command.annotate(Environment, [
    ["EVALS_SERVER_KEY", "The key that clients must send; without a key only this machine can connect"],
    ...models,
    ...network,
    ...folder
  ]),
  Command.withDescription(
    "Serves the API from a file, for clients that have its address as their base URL. Unfinished runs are resumed at the " +
      "start. Ctrl-C stops the server with exit code 130; SIGTERM and SIGHUP stop it with 0. A second signal stops it " +
      "without waiting for open requests. With --models, SIGHUP reads that file again in place of stopping the server."
  ),
  Command.withShortDescription("Serve the API on this machine"),
  Command.withExamples([
    { command: "effect-evals serve", description: "For this machine, on port 4100" },
    { command: "effect-evals serve --db archive.db --read-only", description: "An archive, with its original ids" },
    {
      command: "EVALS_SERVER_KEY=… effect-evals serve --host 0.0.0.0",
      description: "For other machines too, which must send the key"
    }
  ])
)
