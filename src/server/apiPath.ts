/**
 * The paths under which clients ask for the API.
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

/** Azure's clients put it before the path, with or without the version behind it. */
const azure = /^\/openai(?=\/|$)/

/** The resources of the API, for clients whose base URL has no version. */
const resource = /^\/(?:evals|files|fine_tuning)(?=\/|$)/

/**
 * Returns the address of a request as if its client asked below `/v1`. Base URLs
 * without a path, and with `/openai/v1` or `/openai`, are taken as well. An
 * address outside the API is returned as it is.
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
