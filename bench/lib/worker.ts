/**
 * One subject in a process of its own: `worker.ts TASK CLIENT ORIGIN …` reports one
 * number to the process that started it.
 */
import { type Client, clients, isClientName } from "./clients.ts"
import { cpuSeconds } from "./harness.ts"

const [task = "", name, origin = "", ...rest] = process.argv.slice(2)
const numbers = rest.map(Number)
const [first = 0, second = 0] = numbers

/** Ends after so many requests: a machine that does something else meanwhile has its code compiled all the same. */
const after = (requests: number) => {
  let left = requests
  return () => left-- <= 0
}

const listed = async (client: Client, millisPerPage: number) => {
  const seen = await client.list(first, millisPerPage)
  if (seen !== first) throw new Error(`${seen} items instead of ${first}`)
}

const tasks: Readonly<Record<string, (client: Client) => Promise<ReadonlyArray<number>>>> = {
  /** Requests per CPU second, once the code is compiled: one figure for each number in flight. */
  retrieve: async (client) => {
    for (const inFlight of numbers) await client.retrieve(inFlight, after(5000))
    const figures: Array<number> = []
    for (const inFlight of numbers) {
      let retrieved = 0
      const seconds = await cpuSeconds(async () => {
        retrieved = await client.retrieve(inFlight, after(3000))
      })
      figures.push(retrieved / seconds)
    }
    return figures
  },
  /** CPU seconds for so many output items. */
  list: async (client) => {
    for (let run = 0; run < 3; run++) await listed(client, 0)
    const seconds = await cpuSeconds(async () => {
      for (let run = 0; run < 3; run++) await listed(client, 0)
    })
    return [seconds / 3]
  },
  /** Seconds for so many output items where host and consumer take their time. */
  overlap: async (client) => {
    for (let run = 0; run < 5; run++) await listed(client, 0)
    const start = performance.now()
    await listed(client, second)
    return [(performance.now() - start) / 1000]
  }
}

const measure = tasks[task]
if (measure === undefined || !isClientName(name)) throw new Error(`no such task or client: ${task} ${name}`)
const figures = await measure(clients[name](origin))
process.send?.(figures, () => process.exit(0))
