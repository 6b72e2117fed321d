/**
 * The flags of a target, for commands that messages suggest.
 */
import * as Option from "effect/Option"
import type * as Flags from "./commands/flags.ts"

const quoted = (text: string): string =>
  /^[\w@%+=:,./~\\-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** Returns the flags of a target, quoted for a shell, each with a blank before it. */
export const quotedFlags = (given: Flags.Target): string =>
  [
    ["--db", given.db],
    ["--base-url", given.baseUrl],
    ["--project", given.project]
  ]
    .flatMap(([name, value]) =>
      typeof value === "object" && Option.isSome(value) ? [` ${String(name)} ${quoted(value.value)}`] : []
    )
    .join("")
