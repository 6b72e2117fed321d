/**
 * What a browser loads: programs that list runs, create one and await it, bundled,
 * minified and compressed.
 *
 * The increment is what the library adds to the same application written by hand
 * over effect's HTTP and schemas (`bundle/client-by-hand.ts`); a second line puts
 * the library beside that client, into one application.
 */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { rolldown } from "rolldown"
import type { Benchmark } from "./lib/harness.ts"

const bytes = async (program: URL): Promise<number> => {
  const bundle = await rolldown({
    input: fileURLToPath(program),
    platform: "browser",
    resolve: { conditionNames: ["effect-evals-source", "browser", "import", "default"] }
  })
  const { output } = await bundle.generate({ minify: true })
  return gzipSync(output[0].code, { level: 9 }).byteLength
}

const kib = (size: number) => `${(size / 1024).toFixed(1)} KiB`

export const bundle: Benchmark = {
  name: "bundle",
  run: async () => {
    const ours = await bytes(new URL("./bundle/ours.ts", import.meta.url))
    const fromEnv = await bytes(new URL("./bundle/ours-from-env.ts", import.meta.url))
    const theirs = await bytes(new URL("./bundle/openai-node.ts", import.meta.url))
    const byHand = await bytes(new URL("./bundle/by-hand.ts", import.meta.url))
    const both = await bytes(new URL("./bundle/both.ts", import.meta.url))
    const line = (what: string, size: number, other: number) => ({
      benchmark: `bundle, gzip: ${what}`,
      ours: kib(size),
      theirs: kib(other),
      ratio: size / other
    })
    return [
      {
        ...line("program with EvalsClient.layer / openai-node", ours, theirs),
        target: "<= 60 KiB",
        met: ours <= 60 * 1024
      },
      line("program with EvalsClient.layerFromEnv / openai-node", fromEnv, theirs),
      {
        ...line("what layerFromEnv adds to the same program by hand / that program", fromEnv - byHand, byHand),
        target: "<= 8 KiB",
        met: fromEnv - byHand <= 8 * 1024
      },
      line("what it adds beside the client by hand / that program", both - byHand, byHand)
    ]
  }
}
