/** A user's program. test/checks/package.ts type-checks and runs it against the installed package. */
import { type Effect, Stream } from "effect"
import * as Evals from "effect-evals"
import * as Archive from "effect-evals/archive"
import * as Testing from "effect-evals/testing"

type EvalId = Parameters<typeof Evals.listRuns>[0]

/** Types arrive: an unresolved declaration would make this `any`, and the assignment to `never` would pass. */
export const statuses = (evalId: EvalId) =>
  Evals.listRuns(evalId).pipe(
    Stream.map((run) => run.status),
    Stream.runCollect
  )
type IsAny<T> = 0 extends 1 & T ? true : false
export const typed: IsAny<Effect.Success<ReturnType<typeof statuses>>> = false

const expected = ["EvalsClient", "EvalsError", "createEval", "createRun", "awaitRun", "listRuns", "uploadFile"]
const absent = expected.filter((name) => !Object.hasOwn(Evals, name))
if (absent.length > 0) {
  throw new Error(`effect-evals does not export ${absent.join(", ")}`)
}
const archiving = ["archive", "csv", "Database", "exportCsv", "exportTo", "plan", "verify"]
const lacking = archiving.filter((name) => !Object.hasOwn(Archive, name))
if (lacking.length > 0) {
  throw new Error(`effect-evals/archive does not export ${lacking.join(", ")}`)
}
if (Object.keys(Testing).length === 0) {
  throw new Error("effect-evals/testing exports nothing")
}

for (const path of [
  "internal/request",
  "internal/request.js",
  "src/index.ts",
  "dist/index.js",
  "dist/internal/request.js"
]) {
  const specifier = `effect-evals/${path}`
  const reached = await import(specifier).then(
    () => "it was imported",
    (error: NodeJS.ErrnoException) => (error.code === "ERR_PACKAGE_PATH_NOT_EXPORTED" ? undefined : String(error))
  )
  if (reached !== undefined) {
    throw new Error(`${specifier} should be closed by "exports", but ${reached}`)
  }
}

console.log(`${Object.keys(Evals).length} names, ${Object.keys(Testing).length} for tests`)
