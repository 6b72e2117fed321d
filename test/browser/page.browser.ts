/** The client in a real browser, bundled as an application would. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chromium } from "playwright-core"
import { rolldown } from "rolldown"
import { serveSite } from "./host.ts"

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync"
]

const bundled = Effect.promise(async () => {
  const bundle = await rolldown({
    input: new URL("./program.ts", import.meta.url).pathname,
    platform: "browser",
    // of a package, the sources are meant; a module of Node in them would stay an import, and the page would fail
    resolve: { conditionNames: ["effect-evals-source", "browser", "import"] }
  })
  const { output } = await bundle.generate({ format: "esm", minify: true })
  await bundle.close()
  return output[0].code
})

const browser = Effect.acquireRelease(
  Effect.suspend(() => {
    const executablePath = process.env["EVALS_CHROMIUM"] ?? ""
    return executablePath === ""
      ? Effect.die(
          new Error("no Chromium: install one (Debian: apt-get install chromium) and name it in EVALS_CHROMIUM")
        )
      : Effect.promise(() => chromium.launch({ executablePath, args: flags }))
  }),
  (browser) => Effect.promise(() => browser.close())
)

/** The lines that a page prints until it says `end`, and whatever went wrong in it. */
const printed = (url: string) =>
  Effect.gen(function* () {
    const page = yield* Effect.acquireRelease(
      Effect.flatMap(browser, (browser) => Effect.promise(() => browser.newPage())),
      (page) => Effect.promise(() => page.close())
    )
    const lines: Array<string> = []
    const problems: Array<string> = []
    yield* Effect.promise(async () => {
      const { promise, resolve } = Promise.withResolvers<void>()
      page.on("console", (message) => {
        if (message.type() === "log") lines.push(message.text())
        // a refused request is printed as an error by the browser itself
        else if (!message.text().startsWith("Failed to load resource")) problems.push(message.text())
        if (message.text() === "end") resolve()
      })
      page.on("pageerror", (error) => {
        problems.push(error.message)
        resolve()
      })
      await page.goto(url)
      await promise
    })
    return { lines, problems }
  })

const expected = [
  "runs evalrun_a evalrun_b evalrun_c",
  "file file-1 rows.jsonl 55",
  `text ${JSON.stringify('{"item":{"label":"Hardware"}}\n{"item":{"label":"☃"}}\n')}`,
  "run queued",
  "run completed 2",
  "error NotFoundError 404",
  "error TimeoutError",
  "error DecodeError created_at",
  "end"
]

describe("in Chromium", () => {
  it.live("lists, uploads, downloads, creates and awaits", () =>
    Effect.gen(function* () {
      const site = yield* serveSite(yield* bundled, undefined)
      assert.deepStrictEqual(yield* printed(site.origin), {
        lines: ["code from strings: allowed", ...expected],
        problems: []
      })
      assert.deepStrictEqual([...site.keys], ["Bearer sk-page"])
    })
  )

  it.live("needs no code from strings", () =>
    Effect.gen(function* () {
      const policy = "default-src 'none'; script-src 'self'; connect-src 'self'"
      const site = yield* serveSite(yield* bundled, policy)
      assert.deepStrictEqual(yield* printed(site.origin), {
        lines: ["code from strings: refused", ...expected],
        problems: []
      })
    })
  )
})
