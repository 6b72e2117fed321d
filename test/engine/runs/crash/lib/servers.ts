/** Servers as processes of their own, and what is in their files. */
import { Effect, Layer, type Scope } from "effect"
import { EvalsClient } from "effect-evals"
import { FetchHttpClient } from "effect/http"
import { execFileSync, fork } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"

/** A server on a socket. */
export interface Server {
  /** Talks to the server. */
  readonly client: Layer.Layer<EvalsClient.EvalsClient>
  /** The processes that it has started. */
  readonly workers: () => ReadonlyArray<number>
  /** Ends it at once, whatever it is doing. */
  readonly kill: Effect.Effect<void>
  /** Asks it to end, and waits until it has. */
  readonly stop: Effect.Effect<void>
}

interface Process {
  readonly pid: number
  readonly parent: number
}

/** All processes of the machine that have not ended: one that has, and that nobody has asked after, is none. */
const processes = (): ReadonlyArray<Process> =>
  execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [pid, parent, state = "Z"] = line.trim().split(/\s+/)
      return state.startsWith("Z") ? [] : [{ pid: Number(pid), parent: Number(parent) }]
    })

/** Those of some processes that have not ended. */
export const alive = (pids: ReadonlyArray<number>): ReadonlyArray<number> => {
  const all = new Set(processes().map(({ pid }) => pid))
  return pids.filter((pid) => all.has(pid))
}

/**
 * Starts a server over a file, on a free port. It ends with the scope at the latest. `modelServer` is the address of the
 * models that its runs ask.
 */
export const serve = (filename: string, modelServer?: string): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        fork(
          join(import.meta.dirname, "server-process.ts"),
          modelServer === undefined ? [filename] : [filename, modelServer],
          {
            execArgv: ["--conditions=effect-evals-source"]
          }
        )
      ),
      (started) => Effect.sync(() => started.kill("SIGKILL"))
    )
    const exit = once(child, "exit")
    const end = (signal: "SIGKILL" | "SIGTERM") =>
      Effect.promise(() => {
        child.kill(signal)
        return exit
      })
    const [url] = yield* Effect.promise(() => once(child, "message"))
    return {
      client: EvalsClient.layer({ baseUrl: url, idempotentCreates: true }).pipe(
        Layer.provide(FetchHttpClient.layer),
        Layer.orDie
      ),
      workers: () => processes().flatMap(({ parent, pid }) => (parent === child.pid ? [pid] : [])),
      kill: end("SIGKILL"),
      stop: end("SIGTERM")
    }
  })

/** A folder that goes with the test. */
export const folder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-evals-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Rows of a query over a file, read without the engine. */
export const rows = (
  filename: string,
  sql: string,
  ...params: ReadonlyArray<string>
): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const database = new DatabaseSync(filename, { readOnly: true })
  try {
    return database.prepare(sql).all(...params)
  } finally {
    database.close()
  }
}

/** Waits until a file holds no execution any more. The test's time limit bounds the wait. */
export const noExecutions = (filename: string): Effect.Effect<void> =>
  Effect.repeat(
    Effect.delay(
      Effect.sync(() => rows(filename, "SELECT count(*) AS n FROM run_executions")[0]?.["n"]),
      50
    ),
    { until: (count) => count === 0 }
  ).pipe(Effect.asVoid)
