/**
 * A limit of time for work that does not end by itself.
 *
 * @internal
 */
import { Script } from "node:vm"

const name = "effectEvalsJob"
const script = new Script(`${name}()`)

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT"

/**
 * Whether `job` ended within so many milliseconds. It is stopped wherever it is
 * then, inside of a regular expression too, and no `catch` or `finally` of it
 * runs. Whatever it was changing is left as it was at that moment, so a process
 * that has stopped a job is not to be given another.
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

/** A watch that tells whether so many milliseconds have passed since it was made. */
export const watch = (millis: number): (() => boolean) => {
  const end = process.hrtime.bigint() + BigInt(Math.ceil(millis * 1e6))
  return () => process.hrtime.bigint() >= end
}
