/**
 * The program of a worker: a process that does for the engine what a user's
 * content can make slow, or fatal. It takes one request at a time.
 *
 * It is a process and no thread of the engine's own, since a thread that runs out
 * of memory takes the whole process with it, whatever its `resourceLimits` say.
 */
import { enableCompileCache, flushCompileCache } from "node:module"
import { type Answer, type Fault, ready, type Request } from "./protocol.ts"

// what was compiled once is read from a cache: a worker is ready in a third of the time
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

// it is ended without notice, so the cache is written when there is something new
const keepCompiled = ({ operation }: Request): void => {
  if (!met.has(operation)) flushCompileCache()
  met.add(operation)
}

process.on("message", (request: Request) => {
  answer(request)
    .then(send, (error: unknown) => send(fault(error)))
    .then(() => keepCompiled(request))
})

// these come to all processes of a terminal or a service, and are for the engine's to act on
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {})

send(ready)
