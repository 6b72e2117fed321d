/**
 * `npm run docs:behaviour` writes BEHAVIOUR.md from lib/behaviour.ts; with `--check`, as a step of `npm test`, it says
 * whether that is what the file holds. Either way the names and tests that the page links must exist.
 */
import { spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { facts, type Group, type Named, rules } from "./lib/behaviour.ts"
import { parse, testNames } from "./lib/source.ts"
