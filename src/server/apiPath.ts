/**
 * The paths of the API.
 *
 * @internal
 */

/**
 * The path of the API.
 *
 * @category constants
 * @since 0.1.0
 */
export const prefix = "/v1"

/** The prefix of Azure clients, with or without the version after it. */
const azure = /^\/openai(?=\/|$)/

/** The resources of the API. A client whose base URL has no version uses them as first path segment. */
const resource = /^\/(?:evals|files|fine_tuning)(?=\/|$)/

/**
 * Returns the URL of a request with the prefix `/v1`. Base URLs without a path, and with `/openai/v1` or `/openai`, are
 * accepted too. A URL outside the API is returned unchanged.
 */
export const canonical = (url: string): string => {
  const end = url.search(/[?#]/)
  const path = end === -1 ? url : url.slice(0, end)
  const rest = end === -1 ? "" : url.slice(end)
  const local = path.replace(azure, "")
  if (local === "" || local === "/" || local === `${prefix}/`) return prefix + rest
  if (local === prefix || local.startsWith(`${prefix}/`)) return local + rest
  return resource.test(local) ? prefix + local + rest : url
}
