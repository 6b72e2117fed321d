/**
 * A queue of several groups that takes turns: the oldest of one group, then the
 * oldest of the next. A group that has nothing waiting has no turn.
 */

/** One that waits. */
export interface Entry<A> {
  readonly group: string
  readonly value: A
}

interface Node<A> extends Entry<A> {
  previous: Node<A> | undefined
  next: Node<A> | undefined
}

interface Line<A> {
  first: Node<A> | undefined
  last: Node<A> | undefined
}

/** A queue of several groups that takes turns. */
export interface FairQueue<A> {
  readonly size: () => number
  /** Adds one at the end of its group, or at the front where it has waited before. */
  readonly add: (group: string, value: A, front: boolean) => Entry<A>
  /** Takes the one whose turn it is. */
  readonly take: () => A | undefined
  /** The one whose turn it is, left in the queue. */
  readonly peek: () => A | undefined
  /** Takes one out of turn; false where it is in the queue no longer. */
  readonly remove: (entry: Entry<A>) => boolean
  /** All that wait, in no promised order. */
  readonly all: () => Array<Entry<A>>
}

/** An empty queue. */
export const make = <A>(): FairQueue<A> => {
  // in the order of their turns: a group that has had its turn goes to the end
  const lines = new Map<string, Line<A>>()
  const nodes = new Map<Entry<A>, Node<A>>()

  const unlink = (line: Line<A>, node: Node<A>) => {
    if (node.previous === undefined) line.first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) line.last = node.previous
    else node.next.previous = node.previous
    if (line.first === undefined) lines.delete(node.group)
    nodes.delete(node)
  }

  const add = (group: string, value: A, front: boolean): Entry<A> => {
    const line: Line<A> = lines.get(group) ?? { first: undefined, last: undefined }
    const node: Node<A> = { group, value, previous: undefined, next: undefined }
    if (line.first === undefined) {
      line.first = line.last = node
      lines.set(group, line)
    } else if (front) {
      node.next = line.first
      line.first.previous = node
      line.first = node
    } else {
      node.previous = line.last
      if (line.last !== undefined) line.last.next = node
      line.last = node
    }
    nodes.set(node, node)
    return node
  }

  const turn = (): [string, Line<A>] | undefined => {
    for (const entry of lines) return entry
    return undefined
  }

  return {
    size: () => nodes.size,
    add,
    peek: () => turn()?.[1].first?.value,
    take: () => {
      const next = turn()
      const node = next?.[1].first
      if (next === undefined || node === undefined) return undefined
      const [group, line] = next
      lines.delete(group)
      unlink(line, node)
      if (line.first !== undefined) lines.set(group, line)
      return node.value
    },
    remove: (entry) => {
      const node = nodes.get(entry)
      const line = node === undefined ? undefined : lines.get(node.group)
      if (node === undefined || line === undefined) return false
      unlink(line, node)
      return true
    },
    all: () => [...nodes.values()]
  }
}
