/**
 * The definition of a run: `{ "eval": …, "run": … }`, the request bodies that create them.
 */
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Predicate from "effect/Predicate"
import type * as Scope from "effect/Scope"
import { fileKind } from "../engine/rows/FileKind.ts"
import { syntaxProblem } from "../engine/rows/jsonSyntax.ts"
import { type Finding, lintEval } from "../Lint.ts"
import { checker } from "../schema/checker.ts"
import * as Eval from "../schema/Eval.ts"
import { parseJson } from "../schema/fields.ts"
import { guard } from "../schema/guard.ts"
import { formatPath, type Place } from "../schema/issues.ts"
import * as Run from "../schema/Run.ts"
import { regular, unreadable } from "./source.ts"
import { couldNotRun, type Stop } from "./Stop.ts"
import { section } from "./textLayout.ts"

/** A definition. */
export interface Definition {
  readonly eval: Eval.CreateParams
  readonly run: Run.CreateParams
  /** Warnings for the author, one per line. */
  readonly warnings: ReadonlyArray<string>
}

/** Flags that take precedence over the file. */
export interface Given {
  /** The name of the run. */
  readonly name: string | undefined
  /** Whether the rows come from `--data`. The source of the run may then be missing: it is replaced. */
  readonly data: boolean
}

const isEval = guard(Eval.CreateParams)
const isRun = guard(Run.CreateParams)
const checkEval = checker(Eval.CreateParams)
const checkRun = checker(Run.CreateParams)

const lineAndColumn = (text: string, offset: number): string => {
  const before = text.slice(0, offset).split("\n")
  return `line ${before.length}, column ${(before.at(-1) ?? "").length + 1}`
}

const parse = (filename: string, text: string): Effect.Effect<unknown, Stop> => {
  const value = parseJson(text)
  if (value !== undefined) return Effect.succeed(value)
  const { expected, found, offset } = syntaxProblem(text)
  const place = lineAndColumn(text, offset)
  return Effect.fail(couldNotRun(`${filename} is no JSON, ${place}: expected ${expected}, found ${found}`))
}

/** Kinds of files that cannot hold JSON. */
const unreadableKinds = new Set(["encoding", "compressed", "table"])

const record = (value: unknown): object => (Predicate.isObject(value) ? value : {})

const withGiven = (run: unknown, { data, name }: Given): unknown => {
  if (!data) return name === undefined || !Predicate.isObject(run) ? run : { ...run, name }
  const source = { type: "file_id", id: "file-" }
  const dataSource = Predicate.isObject(run) ? run["data_source"] : undefined
  return {
    ...record(run),
    ...(name === undefined ? {} : { name }),
    data_source: { type: "jsonl", ...record(dataSource), source }
  }
}

const formatFinding = ({ message, path }: Finding): string =>
  `${path === "run" || path.startsWith("run.") ? path : path === "" ? "eval" : `eval.${path}`}: ${message}`

const within =
  (key: string) =>
  ({ message, path, unexpected }: Place): ReadonlyArray<string> =>
    unexpected ? [] : [`${formatPath([key, ...path])}: ${message}`]

const readText = (filename: string): Effect.Effect<string, Stop, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const fs = yield* FileSystem.FileSystem
    const path = yield* regular(filename)
    const bytes = yield* Effect.mapError(fs.readFile(path), (error) => unreadable(filename, error))
    const kind = fileKind(bytes)
    return kind !== undefined && unreadableKinds.has(kind.name)
      ? yield* couldNotRun(`${filename} ${kind.description}.`)
      : new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)
  })

/** Reads and checks a definition. */
export const read = (
  filename: string,
  given: Given
): Effect.Effect<Definition, Stop, FileSystem.FileSystem | Scope.Scope> =>
  Effect.gen(function* () {
    const text = yield* readText(filename)
    // a byte order mark, as editors of Windows write it
    const value = yield* parse(filename, text.replace(/^\uFEFF/, ""))
    const shape = `a definition is {"eval": …, "run": …}, the bodies that create them`
    if (!Predicate.isObject(value)) return yield* couldNotRun(`${filename}: ${shape}; this is another value.`)
    const { eval: evalParams, run, ...others } = value
    if (evalParams === undefined) return yield* couldNotRun(`${filename}: "eval" is missing; ${shape}.`)
    if (run === undefined && !given.data) {
      return yield* couldNotRun(`${filename}: "run" is missing; ${shape}. With --data it is optional.`)
    }
    const runParams = withGiven(run, given)
    if (!isEval(evalParams) || !isRun(runParams)) {
      const wrong = [...checkEval(evalParams).map(within("eval")), ...checkRun(runParams).map(within("run"))].flat()
      return yield* couldNotRun(section(`${filename} cannot be used`, wrong).join("\n"))
    }
    const unknown = Object.keys(others).map((key) => `${JSON.stringify(key)} is not read: ${shape}`)
    return {
      eval: evalParams,
      run: runParams,
      warnings: [...unknown, ...lintEval(evalParams, runParams).map(formatFinding)]
    }
  })
