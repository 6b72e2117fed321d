import { execFile } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { rolldown } from "rolldown"

type Format = "esm" | "cjs"

const extensions = { esm: "mjs", cjs: "cjs" }

const root = join(import.meta.dirname, "../..")

/** A folder outside of the project, where no package is found. */
const folder = Effect.acquireRelease(
  Effect.sync(() => realpathSync(mkdtempSync(join(tmpdir(), "effect-evals-bundled-")))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** Bundles a program of the project with everything that it imports. */
const bundle = (input: string, file: string, format: Format, define: Readonly<Record<string, string>> = {}) =>
  Effect.promise(async () => {
    const built = await rolldown({
      input: join(root, input),
      platform: "node",
      logLevel: "silent",
      transform: { define },
      resolve: { conditionNames: ["effect-evals-source", "node", "import"] }
    })
    await built.write({ file, format, codeSplitting: false })
    await built.close()
  })

/** Starts a program, and returns the lines that it prints. */
const printed = (program: string, ...args: ReadonlyArray<string>) =>
  Effect.callback<ReadonlyArray<string>, Error>((resume) => {
    const child = execFile(process.execPath, [program, ...args], { timeout: 25_000 }, (error, stdout, stderr) =>
      resume(
        error === null ? Effect.succeed(stdout.trim().split("\n")) : Effect.fail(new Error(stderr || error.message))
      )
    )
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe.each<Format>(["esm", "cjs"])("an application that is bundled as %s", (format) => {
  it.live("runs with a named or an installed worker, and advises if there is none", () =>
    Effect.gen(function* () {
      const place = yield* folder
      const extension = extensions[format]
      const application = join(place, `application.${extension}`)
      const worker = join(place, `worker.${extension}`)
      yield* bundle("test/inProcess/lib/application-process.ts", application, format)
      yield* bundle("src/engine/work/worker.ts", worker, format)

      // esbuild leaves import.meta.url out of CommonJS, rolldown does not
      const installed = join(place, "installed", `application.${extension}`)
      const define = format === "cjs" ? { "import.meta.url": "undefined" } : {}
      yield* bundle("test/inProcess/lib/application-process.ts", installed, format, define)
      const packageFolder = join(place, "installed/node_modules/effect-evals")
      mkdirSync(packageFolder, { recursive: true })
      writeFileSync(
        join(packageFolder, "package.json"),
        JSON.stringify({ exports: { "./worker": `./worker.${extension}` } })
      )
      copyFileSync(worker, join(packageFolder, `worker.${extension}`))

      const absent = join(place, "absent.mjs")
      const [alone, beside] = yield* Effect.all(
        [printed(application, worker, "-", absent, application), printed(installed, "-")],
        { concurrency: 2 }
      )

      const refused = "createEval: 503 The engine cannot work: no worker can be started:"
      const [named, unnamed = "", missing = "", mistaken = ""] = alone
      assert.strictEqual(named, "1 of 2 passed")
      assert.match(unnamed, /the worker program was not found: .* Bundle "effect-evals\/worker" .* option "worker"/)
      assert.isTrue(unnamed.startsWith(refused), unnamed)
      assert.isTrue(missing.startsWith(`${refused} the worker program ${absent} does not exist.`), missing)
      assert.isTrue(mistaken.startsWith(`${refused} ${application} (`), mistaken)
      assert.deepStrictEqual(beside, ["1 of 2 passed"])
    })
  )
})
