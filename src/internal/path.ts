/**
 * Paths with ids in them.
 *
 * @internal
 */

/** A path, and the first id in it that cannot stand there. */
export interface Path {
  readonly text: string
  readonly bad: { readonly name: string; readonly id: string } | undefined
}

type Segment = { readonly [name: string]: string }

// `/evals/a/../x` would be sent as `/evals/x`, and an empty id would name the list
const stands = (id: string): boolean => id !== "" && id !== "." && id !== ".." && id.isWellFormed()

/**
 * Builds a path from named ids, `` path`/evals/${{ evalId }}` ``: each is encoded,
 * and one that cannot stand in a path is named.
 */
export const path = (strings: TemplateStringsArray, ...segments: ReadonlyArray<Segment>): Path => {
  const ids = segments.flatMap((segment) => Object.entries(segment))
  const bad = ids.find(([, id]) => !stands(id))
  return bad === undefined
    ? { text: String.raw({ raw: strings }, ...ids.map(([, id]) => encodeURIComponent(id))), bad: undefined }
    : { text: "", bad: { name: bad[0], id: bad[1] } }
}
