/** @internal */

/** Makes a log of the sends and refusals of the last minute, by time of sending. */
export const makeSendLog = () => {
  const width = 50
  const length = 1200
  const sent = new Int32Array(length)
  const refused = new Int32Array(length)
  let newest = 0
  const advance = (now: number) => {
    const slot = Math.floor(now / width)
    const cleared = Math.min(slot - newest, length)
    for (let back = 0; back < cleared; back++) {
      sent[(slot - back) % length] = 0
      refused[(slot - back) % length] = 0
    }
    if (slot > newest) newest = slot
  }
  const add = (counts: Int32Array, at: number, now: number) => {
    advance(now)
    const slot = Math.floor(at / width)
    if (slot > newest - length && slot <= newest) counts[slot % length] = (counts[slot % length] ?? 0) + 1
  }
  return {
    sent: (now: number) => add(sent, now, now),
    refused: (sentAt: number, now: number) => add(refused, sentAt, now),
    /** Counts the requests that were sent between two times, and the refused ones among them. */
    between: (from: number, to: number) => {
      const counts = { sent: 0, refused: 0 }
      const last = Math.min(Math.floor(to / width), newest)
      for (let slot = Math.max(Math.ceil(from / width), newest - length + 1); slot <= last; slot++) {
        counts.sent += sent[slot % length] ?? 0
        counts.refused += refused[slot % length] ?? 0
      }
      return counts
    }
  }
}
