/**
 * Answers of OpenAI's own host after the end of its Evals API.
 *
 * @internal
 */

/** The end of the last day, 2026-11-30 in UTC, in Unix milliseconds. */
export const end = 1_796_083_200_000

/** The advice of errors for such an answer. */
export const advice =
  "OpenAI's hosted Evals API ended on 2026-11-30; set baseUrl to a host of your own (npx effect-evals serve), " +
  'and see "If you did not archive" in docs/archive.md of effect-evals'

/** An answer, with the origin and path of its request. */
export interface Answered {
  readonly origin: string
  readonly path: string
  readonly status: number
  readonly body: string
  /** The time of the answer, in Unix milliseconds. */
  readonly now: number
}

const isOpenAi = (origin: string): boolean => /^https?:\/\/(?:[\w-]+\.)*api\.openai\.com(?::\d+)?$/.test(origin)

// the host's answer for an unknown path; for an unknown id it has another one
const isUnknownPath = (body: string): boolean => /"unknown_url"|Invalid URL/.test(body)

/**
 * Returns whether an answer shows that the service has ended: the path of evals is unknown (404, 410), a web page is
 * served in its place, or the gateway fails after the last day.
 */
export const hasEnded = ({ body, now, origin, path, status }: Answered): boolean => {
  if (!isOpenAi(origin) || !path.startsWith("/evals")) return false
  const isPage = /^\s*</.test(body)
  if (status === 410) return true
  if (status === 404) return path === "/evals" || isPage || isUnknownPath(body)
  if (status >= 500) return now >= end && (isPage || status === 502 || status === 503 || status === 504)
  return status < 300 && isPage
}
