/** Item schemas, and what the engine says of them. */
import { Result } from "effect"
import { compile } from "../../../../src/engine/schemas/ItemSchema.ts"

/** Checks an item by a schema: `path: message`, or nothing where it fits. */
export const check = (schema: unknown, item: unknown): string | undefined => {
  const validate = Result.getOrThrow(Result.mapError(compile(JSON.stringify(schema)), ({ message }) => message))
  const finding = validate(item)
  return finding === undefined ? undefined : `${finding.path}: ${finding.message}`
}

/** Returns what is wrong with a schema. */
export const problem = (schema: unknown): string | undefined =>
  Result.match(compile(typeof schema === "string" ? schema : JSON.stringify(schema)), {
    onFailure: ({ message, path }) => `${path}: ${message}`,
    onSuccess: () => undefined
  })

/** Reads JSON as it stands in a file. */
export const json = (text: string): unknown => JSON.parse(text)
