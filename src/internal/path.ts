/**
 * URL paths with ids.
 *
 * @internal
 */

/** A path, its ids by name, and the first id that cannot be part of a path. */
export interface Path {
  readonly text: string
  readonly ids: Segment
  readonly bad: { readonly name: string; readonly id: string } | undefined
}

type Segment = { readonly [name: string]: string }

// `/evals/a/../x` would be sent as `/evals/x`, and a path with an empty id is that of the list
const stands = (id: string): boolean =>
  typeof id === "string" && id !== "" && id !== "." && id !== ".." && id.isWellFormed()

/**
 * Builds a path from named ids: `` path`/evals/${{ evalId }}` ``. Each id is encoded. An id that cannot be part of a path
 * is returned as `bad`.
 */
export const path = (strings: TemplateStringsArray, ...segments: ReadonlyArray<Segment>): Path => {
  const ids: { [name: string]: string } = {}
  let text = strings[0] ?? ""
  let bad: Path["bad"]
  let place = 1
  for (const segment of segments) {
    for (const name in segment) {
      const id = segment[name] ?? ""
      ids[name] = id
      if (stands(id)) text += encodeURIComponent(id)
      else bad ??= { name, id }
    }
    text += strings[place++] ?? ""
  }
  return bad === undefined ? { text, ids, bad } : { text: "", ids, bad }
}
