/**
 * Time limits for synchronous work.
 *
 * @internal
 */
import { Script } from "node:vm"

const name = "effectEvalsJob"
const script = new Script(`${name}()`)

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"

/**
 * Runs a job with a time limit. Returns whether it ended in time. Otherwise it is stopped at any point, even inside a
 * regular expression, and none of its `catch` or `finally` blocks run. Its data may be half changed, so a process that
 * stopped a job must not run another.
 */
export const within = (millis: number, job: () => void): boolean => {
  Reflect.set(globalThis, name, job)
  try {
    script.runInThisContext({ timeout: Math.max(1, Math.ceil(millis)), displayErrors: false })
    return true
  } catch (error) {
    if (isTimeout(error)) return false
    throw error
  } finally {
    Reflect.deleteProperty(globalThis, name)
  }
}

/** Starts a stopwatch. The result returns whether the given time has passed. */
export const stopwatch = (millis: number): (() => boolean) => {
  const end = process.hrtime.bigint() + BigInt(Math.ceil(millis * 1e6))
  return () => process.hrtime.bigint() >= end
}
