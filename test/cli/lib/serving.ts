/** Servers that are started by the command, as a user does. */
import { Effect } from "effect"
import type { ChildProcess } from "node:child_process"
import { join } from "node:path"
import type { Readable } from "node:stream"
import { folder } from "../../archive/lib/run.ts"
import { type Ended, start } from "./command.ts"
import * as Definition from "./definition.ts"

export interface Server {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** What a process prints, up to a word. */
export const printed = (stream: Readable | null, pattern: RegExp, ended: Promise<Ended>): Promise<string> =>
  new Promise((resume, fail) => {
    let text = ""
    stream?.on("data", (chunk) => {
      text += String(chunk)
      const found = pattern.exec(text)?.[1]
      if (found !== undefined) resume(found)
    })
    ended.then(({ stderr }) => fail(new Error(stderr)))
  })

/** Starts a server as a user does, and waits until it listens; it ends with the scope. */
export const serve = (db: string, args: ReadonlyArray<string> = [], env: Readonly<Record<string, string>> = {}) =>
  Effect.acquireRelease(
    Effect.promise(async (): Promise<Server> => {
      const { child, ended } = start(["serve", "--db", db, "--port", "0", ...args], env)
      return { url: await printed(child.stdout, /^listening on (\S+)\n/, ended), child, ended }
    }),
    ({ child, ended }) =>
      Effect.promise(() => {
        child.kill("SIGKILL")
        return ended
      })
  )

export const stop = ({ child, ended }: Server, signal: NodeJS.Signals) =>
  Effect.promise(() => {
    child.kill(signal)
    return ended
  })

export const setUp = Effect.map(folder, (path) => ({
  path,
  db: join(path, "evals.db"),
  definition: Definition.write(join(path, "definition.json"))
}))
