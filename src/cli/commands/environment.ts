/**
 * The environment variables that count for a verb, which its help names.
 */
import * as Context from "effect/Context"

/** An environment variable, or several of one purpose, and what it is for. */
export type Variable = readonly [name: string, purpose: string]

/** The variables of a command, as an annotation of it. */
export const Environment = Context.Reference<ReadonlyArray<Variable>>("effect-evals/cli/Environment", {
  defaultValue: () => []
})

/** The folder of the default file. */
export const folder: ReadonlyArray<Variable> = [
  ["XDG_DATA_HOME", "The folder that your data folder is in (default that of the system)"]
]

/** What a command that talks to a host reads. */
export const host: ReadonlyArray<Variable> = [
  ["OPENAI_API_KEY", "The key for a host"],
  ["OPENAI_ORG_ID", "The organization at a host (default that of the key)"],
  ["OPENAI_PROJECT_ID", "The project at a host, where --project names none (default that of the key)"],
  ["HTTPS_PROXY, HTTP_PROXY", "The proxy to a host; a host on this machine is reached directly"],
  ["NO_PROXY", "Hosts that are reached without the proxy"],
  ["NODE_USE_ENV_PROXY", "0 uses no proxy; 1 uses it for this machine too, as Node does"]
]

/** What a command reads that works in a file or at a host. */
export const target: ReadonlyArray<Variable> = [...host, ...folder]
