/**
 * The program of a worker process. It runs work that a user's content can make slow or fatal, one request at a time.
 *
 * It is a process and not a thread: a thread that runs out of memory ends the whole process, whatever its
 * `resourceLimits` are.
 */
import { enableCompileCache, flushCompileCache } from "node:module"
import { type Answer, type Fault, ready, type Request } from "./protocol.ts"

// a cache of compiled code: a worker is ready in a third of the time
enableCompileCache()

// loaded with the first request that needs it: validating needs ajv, grading does not
const answer = async (request: Request): Promise<Answer> => {
  switch (request.operation) {
    case "checkSchema":
      return (await import("./validate.ts")).checkSchema(request)
    case "validateRows":
      return (await import("./validate.ts")).validateRows(request)
    case "prepare":
      return (await import("./prepare.ts")).prepare(request)
    case "grade":
      return (await import("./grade.ts")).grade(request)
    case "runGrader":
      return (await import("./grade.ts")).runGrader(request)
    case "validateGrader":
      return (await import("./grade.ts")).validateGrader(request)
  }
}

const send = (message: Answer | Fault | typeof ready): void => {
  process.send?.(message)
}

const fault = (error: unknown): Fault => ({
  _tag: "Fault",
  message: error instanceof Error ? (error.stack ?? error.message) : String(error)
})

const met = new Set<Request["operation"]>()

// the process is killed without notice, so the cache is written as soon as it has new entries
const keepCompiled = ({ operation }: Request): void => {
  if (!met.has(operation)) flushCompileCache()
  met.add(operation)
}

process.on("message", (request: Request) => {
  answer(request)
    .then(send, (error: unknown) => send(fault(error)))
    .then(() => keepCompiled(request))
})

// a terminal or a service sends these to all processes, and only the engine's process acts on them
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {})

send(ready)
