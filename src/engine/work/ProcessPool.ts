/**
 * A pool of worker processes. A worker is started when it is needed, and replaced when it ends.
 *
 * @internal
 */
import type { ChildProcess } from "node:child_process"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type Answer, type Fault, isExpired, type Operation, type Operations, ready } from "./protocol.ts"
import { WorkerDied } from "./workErrors.ts"
import { forkWorker } from "./workerProcess.ts"

/** The size of the pool, and the memory of each worker in MiB. */
export interface Options {
  /**
   * The most workers for requests of one kind ({@link kinds}). Half as many are added for requests that are known to be slow.
   */
  readonly size: number
  readonly memoryMiB: number
  /** The program file of a worker. By default it is found in this package. */
  readonly program?: string | URL | undefined
}

/** A pool of worker processes. */
export interface Pool {
  /**
   * Sends a request to the next free worker. Requests of one kind wait in a queue. If the waiting fiber is interrupted, a
   * queued request is removed, and the answer to a started one is discarded.
   */
  readonly ask: <O extends Operation>(
    operation: O,
    request: Operations[O]["request"]
  ) => Effect.Effect<Operations[O]["answer"], WorkerDied>
}

/** A message of a worker. */
type Message = Answer | Fault | typeof ready

interface Task {
  readonly operation: Operation
  /** The request as it is sent. */
  readonly request: object
  /** The schema or the criteria that all rows of the request share. */
  readonly content: string | undefined
  /** A method, so that tasks of all operations have one type. */
  answer(answer: Answer): void
  readonly end: (exit: Effect.Effect<never, WorkerDied>) => void
}

interface Worker {
  /** The path of the worker's program. */
  readonly program: string
  readonly child: ChildProcess
  started: boolean
  /** Whether the worker gets no further request. */
  retired: boolean
  task: Task | undefined
}

const activities: { readonly [O in Operation]: string } = {
  checkSchema: "checking an item schema",
  validateRows: "checking rows",
  prepare: "making the requests of rows",
  grade: "judging rows",
  runGrader: "running a grader",
  validateGrader: "checking a grader"
}

/**
 * The kinds of requests. Requests of one kind never wait for those of another, so that neither slow rows of a run nor a
 * hostile schema delays other requests.
 */
const kinds: { readonly [O in Operation]: "runs" | "rows" | "rest" } = {
  checkSchema: "rest",
  validateRows: "rows",
  prepare: "runs",
  grade: "runs",
  runGrader: "rest",
  validateGrader: "rest"
}

/** Returns the schema or the criteria that all rows of a request share. Returns undefined for a request without rows. */
const contentOf = (request: object): string | undefined => {
  const content =
    "criteria" in request
      ? request.criteria
      : "schemaText" in request
        ? request.schemaText
        : "source" in request
          ? request.source
          : undefined
  return typeof content === "string" ? content : undefined
}

/** The most slow schemas and criteria that the pool remembers. */
const slowKept = 1000

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const notStarted = (reason: string): Effect.Effect<never, WorkerDied> =>
  Effect.fail(new WorkerDied({ started: false, message: `no worker can be started: ${reason}` }))

class ProcessPool implements Pool {
  readonly #options: Options
  readonly #queue = new Set<Task>()
  /** Processes that have not ended yet. */
  readonly #alive = new Set<Worker>()
  readonly #idle: Array<Worker> = []
  /** Schemas and criteria that exceeded a time limit once. Their requests have separate workers, since they may be slow again. */
  readonly #slow = new Set<string>()
  #onClosed: (() => void) | undefined

  constructor(options: Options) {
    this.#options = options
  }

  ask<O extends Operation>(
    operation: O,
    request: Operations[O]["request"]
  ): Effect.Effect<Operations[O]["answer"], WorkerDied> {
    return Effect.callback<Operations[O]["answer"], WorkerDied>((resume) => {
      if (this.#onClosed !== undefined) return resume(Effect.interrupt)
      const task: Task = {
        operation,
        request: { operation, ...request },
        content: contentOf(request),
        answer: (answer: Operations[O]["answer"]) => resume(Effect.succeed(answer)),
        end: resume
      }
      this.#queue.add(task)
      this.#next()
      return Effect.sync(() => this.#queue.delete(task))
    })
  }

  /** Ends all workers and all waiting requests. */
  readonly close: Effect.Effect<void> = Effect.callback<void>((resume) => {
    this.#onClosed = () => resume(Effect.void)
    for (const task of this.#queue) task.end(Effect.interrupt)
    this.#queue.clear()
    for (const worker of this.#alive) {
      worker.task?.end(Effect.interrupt)
      this.#retire(worker)
    }
    if (this.#alive.size === 0) this.#onClosed()
  })

  #isSlow({ content }: Task): boolean {
    return content !== undefined && this.#slow.has(content)
  }

  #remember(content: string | undefined): void {
    if (content === undefined) return
    this.#slow.add(content)
    for (const oldest of this.#slow) {
      if (this.#slow.size <= slowKept) return
      this.#slow.delete(oldest)
    }
  }

  /** Whether all workers for requests like this one are busy. */
  #isBusyWith(task: Task): boolean {
    const slow = this.#isSlow(task)
    let busy = 0
    for (const { retired, task: other } of this.#alive) {
      if (retired || other === undefined || kinds[other.operation] !== kinds[task.operation]) continue
      if (this.#isSlow(other) === slow) busy++
    }
    return busy >= (slow ? Math.ceil(this.#options.size / 2) : this.#options.size)
  }

  #next(): void {
    for (const task of this.#queue) {
      if (this.#isBusyWith(task)) continue
      const worker = this.#idle.pop() ?? this.#start(task)
      if (worker === undefined) continue
      this.#queue.delete(task)
      worker.task = task
      worker.child.ref()
      worker.child.channel?.ref()
      if (worker.started) this.#send(worker, task)
    }
  }

  /** Starts a worker. Ends the task if no process can be started. */
  #start(task: Task): Worker | undefined {
    try {
      const { child, program } = forkWorker(this.#options)
      const worker: Worker = { program, child, started: false, retired: false, task: undefined }
      this.#alive.add(worker)
      worker.child.on("message", (message: Message) => this.#received(worker, message))
      worker.child.on("error", (error) => this.#ended(worker, reasonOf(error)))
      worker.child.on("exit", (code, signal) => this.#ended(worker, signal ?? `exit code ${code}`))
      return worker
    } catch (error) {
      this.#queue.delete(task)
      task.end(notStarted(reasonOf(error)))
      return undefined
    }
  }

  #send(worker: Worker, { request }: Task): void {
    worker.child.send(request, (error) => {
      if (error !== null) this.#ended(worker, reasonOf(error))
    })
  }

  #received(worker: Worker, message: Message): void {
    const { task } = worker
    if (!worker.started) {
      // a program of another version sends another text
      if (message !== ready) return this.#ended(worker, "it is no worker program of this version of effect-evals")
      worker.started = true
      if (task !== undefined) this.#send(worker, task)
      return
    }
    if (message === ready) return
    worker.task = undefined
    if (message._tag === "Fault") {
      this.#retire(worker)
      task?.end(Effect.fail(new WorkerDied({ message: `a worker failed: ${message.message}`, started: true })))
    } else {
      if (isExpired(message)) {
        this.#remember(task?.content)
        this.#retire(worker)
      } else if (!worker.retired) {
        worker.child.unref()
        worker.child.channel?.unref()
        this.#idle.push(worker)
      }
      task?.answer(message)
    }
    this.#next()
  }

  #retire(worker: Worker): void {
    worker.retired = true
    // `close` may wait for its end
    worker.child.ref()
    worker.child.kill("SIGKILL")
  }

  #ended(worker: Worker, reason: string): void {
    if (!this.#alive.delete(worker)) return
    const idle = this.#idle.indexOf(worker)
    if (idle !== -1) this.#idle.splice(idle, 1)
    const { started, task } = worker
    this.#retire(worker)
    worker.task = undefined
    if (task !== undefined) {
      task.end(started ? this.#died(task, reason) : notStarted(`${worker.program} (${reason})`))
    }
    if (this.#alive.size === 0) this.#onClosed?.()
    this.#next()
  }

  #died({ operation }: Task, reason: string): Effect.Effect<never, WorkerDied> {
    return Effect.fail(
      new WorkerDied({
        started: true,
        message:
          `a worker ended (${reason}) while ${activities[operation]}; ` +
          `most likely its memory of ${this.#options.memoryMiB} MiB was not enough`
      })
    )
  }
}

/** Makes a pool. It starts without workers, and its workers end with the scope. */
export const make = (options: Options): Effect.Effect<Pool, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new ProcessPool(options)),
    (pool) => pool.close
  )
