import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { folder } from "../archive/lib/run.ts"
import * as Definition from "./lib/definition.ts"
import { command } from "./lib/memory.ts"

const verbs = ["run", "serve", "resume", "list", "show", "items", "watch", "cancel", "archive", "export"]

/** The lines of a section of a help text. */
const section = (text: string, name: string): ReadonlyArray<string> => {
  const lines = text.split("\n")
  const first = lines.indexOf(name) + 1
  return first === 0 ? [] : lines.slice(first, lines.indexOf("", first) === -1 ? undefined : lines.indexOf("", first))
}

const env = { HOME: "/home/somebody", XDG_DATA_HOME: "/data" }

const helpOf = (verb: string) => Effect.map(command([verb, "--help"], { env }), ({ stdout }) => stdout)

describe("--help", () => {
  it.live("names values in capitals, all in the same style", () =>
    Effect.gen(function* () {
      const known = new Set([
        "FILE",
        "PATH",
        "URL",
        "NAME",
        "N",
        "RATE",
        "SIZE",
        "PORT",
        "ADDRESS",
        "FORMAT",
        "STATUS",
        "AMOUNT"
      ])
      for (const verb of verbs) {
        for (const line of section(yield* helpOf(verb), "FLAGS")) {
          const value = /^ {2}--[\w-]+(?: (\S+))? {2,}\S/.exec(line)?.[1]
          assert.isTrue(value === undefined || known.has(value) || /^(?:EVAL|RUN)_ID$/.test(value), `${verb}: ${line}`)
        }
      }
    })
  )

  it.live("shows the data folder of this machine, and the defaults", () =>
    Effect.gen(function* () {
      for (const verb of ["run", "serve", "resume", "list", "show", "items", "watch", "cancel"]) {
        const db = section(yield* helpOf(verb), "FLAGS").find((line) => line.includes("--db"))
        assert.include(db, "(default evals.db in your data folder, /data/effect-evals)", verb)
      }
      const serve = section(yield* helpOf("serve"), "FLAGS").join("\n")
      for (const value of ["127.0.0.1", "4100", "512MiB", "8MiB", "1MiB"]) assert.include(serve, `(default ${value})`)
      assert.include(section(yield* helpOf("archive"), "FLAGS").join("\n"), "(default 16)")
    })
  )

  it.live("lists the environment variables of the command", () =>
    Effect.gen(function* () {
      const variables = (verb: string) => Effect.map(helpOf(verb), (text) => section(text, "ENVIRONMENT").join("\n"))
      for (const verb of ["run", "list", "archive"]) {
        const text = yield* variables(verb)
        for (const name of ["OPENAI_API_KEY", "OPENAI_PROJECT_ID", "OPENAI_ORG_ID", "HTTPS_PROXY", "NO_PROXY"]) {
          assert.include(text, name, verb)
        }
      }
      assert.include(yield* variables("archive"), "OPENAI_BASE_URL")
      // of a host its address comes from the flag alone; models may be asked at the address of the environment
      assert.notMatch(yield* variables("run"), /^ *OPENAI_BASE_URL/m)
      for (const verb of ["run", "resume", "serve"])
        assert.include(yield* variables(verb), "EVALS_MODEL_BASE_URL", verb)
      assert.notInclude(yield* variables("list"), "EVALS_MODEL_BASE_URL")
      assert.include(yield* variables("serve"), "EVALS_SERVER_KEY")
      assert.deepStrictEqual(section(yield* helpOf("export"), "ENVIRONMENT"), [])
    })
  )
})

it.live("an id of another kind is reported with its kind and the command for it", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const db = join(path, "evals.db")
    const made = yield* command(["run", Definition.write(join(path, "definition.json")), "--db", db, "--json"])
    const { eval: one, run } = JSON.parse(made.stdout)
    for (const verb of ["items", "watch", "cancel"]) {
      const { code, stderr } = yield* command([verb, one.id, "--db", db])
      assert.strictEqual(code, 2)
      assert.strictEqual(
        stderr,
        `effect-evals: ${one.id} is the id of an eval, but a run is needed. ` +
          `effect-evals list ${one.id} --db ${db} shows its runs.\n`
      )
    }
    const listed = yield* command(["list", run.id, "--db", db])
    assert.strictEqual(listed.code, 2)
    assert.include(listed.stderr, `${run.id} is the id of a run, but an eval is needed. effect-evals show ${run.id}`)
    assert.strictEqual((yield* command(["items", run.id, "--eval", run.id, "--db", db])).code, 2)
    assert.strictEqual((yield* command(["resume", one.id, "--db", db])).code, 2)
    // nothing is asked of a host in vain
    const atHost = yield* command(["items", one.id, "--base-url", "http://127.0.0.1:1/v1"])
    assert.include(atHost.stderr, "is the id of an eval")
  })
)
