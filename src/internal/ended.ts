/**
 * How OpenAI's own host answers since its Evals API has ended.
 *
 * @internal
 */

/** The first moment after the last day, 2026-11-30 in UTC, in Unix milliseconds. */
export const end = 1_796_083_200_000

/** What is said of such an answer. */
export const words =
  "OpenAI's hosted Evals API ended on 2026-11-30, and nothing can be read from it any more; set baseUrl to a host of " +
  'your own (npx effect-evals serve), and see "If you did not archive" in docs/archive.md of effect-evals'

/** An answer, and where it comes from. */
export interface Answered {
  readonly origin: string
  readonly path: string
  readonly status: number
  readonly body: string
  /** Unix milliseconds. */
  readonly now: number
}

const isOpenAi = (origin: string): boolean => /^https?:\/\/(?:[\w-]+\.)*api\.openai\.com(?::\d+)?$/.test(origin)

// the router of the host says so of a path that it does not know; of an id that it does not know it says something else
const isUnknownPath = (body: string): boolean => /"unknown_url"|Invalid URL/.test(body)

/**
 * Whether an answer to a request for evals says that the service has ended: the
 * path is gone (404, 410), a page stands in its place, or, after the last day, the
 * gateway finds nothing behind it.
 */
export const hasEnded = ({ body, now, origin, path, status }: Answered): boolean => {
  if (!isOpenAi(origin) || !path.startsWith("/evals")) return false
  const isPage = /^\s*</.test(body)
  if (status === 410) return true
  if (status === 404) return path === "/evals" || isPage || isUnknownPath(body)
  if (status >= 500) return now >= end && (isPage || status === 502 || status === 503 || status === 504)
  return status < 300 && isPage
}
