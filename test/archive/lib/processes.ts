/** Hosts and archives as processes of their own. */
import { Effect, type Scope } from "effect"
import type { Report } from "effect-evals/archive"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import type { Behaviour, Stats } from "../../support/host/host.ts"
import type { Shape } from "../../support/host/project.ts"

/** Starts a file of this folder; its errors go to the terminal. */
export const start = (file: string, ...args: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, ["--conditions=effect-evals-source", join(import.meta.dirname, file), ...args], {
    stdio: ["pipe", "pipe", "inherit", "ipc"]
  })

/** A host on a socket. */
export interface HostProcess {
  readonly baseUrl: string
  readonly stats: () => Promise<Stats>
  readonly behave: (behaviour: Behaviour) => Promise<void>
}

/** Starts a host, which ends with the scope. Each project has its name as its key. */
export const host = (projects: {
  readonly [name: string]: readonly [Shape, Behaviour]
}): Effect.Effect<HostProcess, never, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => start("../../support/host/server.ts", JSON.stringify(projects))),
      (started) => Effect.sync(() => started.kill())
    )
    const [port] = yield* Effect.promise(() => once(child, "message"))
    const origin = `http://127.0.0.1:${port}`
    const key = Object.keys(projects)[0] ?? ""
    const headers = { authorization: `Bearer ${key}` }
    return {
      baseUrl: `${origin}/v1`,
      stats: async () => {
        const stats: Stats = JSON.parse(await (await fetch(`${origin}/stats`, { headers })).text())
        return stats
      },
      behave: async (behaviour) => {
        await fetch(`${origin}/control`, { method: "POST", headers, body: JSON.stringify(behaviour) })
      }
    }
  })

/** Runs an archive to its end. */
export const archive = async (filename: string, baseUrl: string, project = "default"): Promise<Report> => {
  const child = start("archive-process.ts", filename, baseUrl, project)
  if (child.stdout === null) throw new Error("the archive has no output")
  const report: Report = JSON.parse(await text(child.stdout))
  return report
}

/** Runs an archive and kills it as soon as something holds; says whether it was still running then. */
export const killedArchive = async (
  filename: string,
  baseUrl: string,
  when: () => boolean | Promise<boolean>
): Promise<boolean> => {
  const child = start("archive-process.ts", filename, baseUrl)
  child.stdout?.resume()
  const exit = once(child, "exit")
  while (child.exitCode === null && !(await when())) await new Promise((resume) => setTimeout(resume, 2))
  child.kill("SIGKILL")
  const [, signal] = await exit
  return signal === "SIGKILL"
}
