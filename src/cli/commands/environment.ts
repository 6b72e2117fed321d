/**
 * The environment variables of a verb, for its help.
 */
import * as Context from "effect/Context"

/** An environment variable, or several with the same purpose. */
export type Variable = readonly [name: string, purpose: string]

/** The variables of a command, as an annotation of it. */
export const Environment = Context.Reference<ReadonlyArray<Variable>>("effect-evals/cli/Environment", {
  defaultValue: () => []
})

/** The folder of the default file. */
export const folder: ReadonlyArray<Variable> = [
  ["XDG_DATA_HOME", "The parent of your data folder (default: the folder of the system)"]
]

/** The variables of a command that uses the network. */
export const network: ReadonlyArray<Variable> = [
  ["HTTPS_PROXY, HTTP_PROXY", "The proxy; a host on this machine is reached directly"],
  ["NO_PROXY", "Hosts that are reached without a proxy"],
  ["NODE_USE_ENV_PROXY", "0: use no proxy; 1: use it for this machine too, as Node does"]
]

/** The endpoint of models, for a command that executes runs in its process. */
export const models: ReadonlyArray<Variable> = [
  [
    "EVALS_MODEL_BASE_URL, EVALS_MODEL_API_KEY",
    "The endpoint of all models, unless --models is given (default: OPENAI_BASE_URL and OPENAI_API_KEY)"
  ]
]

/** The variables of a command that uses a host. */
export const host: ReadonlyArray<Variable> = [
  ["OPENAI_API_KEY", "The key for a host"],
  ["OPENAI_ORG_ID", "The organization at a host (default: the organization of the key)"],
  ["OPENAI_PROJECT_ID", "The project at a host, unless --project is given (default: the project of the key)"],
  ...network
]

/** The variables of a command that uses a file or a host. */
export const target: ReadonlyArray<Variable> = [...host, ...folder]
