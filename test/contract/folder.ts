/** The folder that `npm run test:contract -- DIR` was given. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { OpenApi } from "./shape.ts"

const folder = process.env["EVALS_CONTRACT_DIR"]
if (folder === undefined) throw new Error("start the contract tests with: npm run test:contract -- DIR")

export const readText = (path: string): string => readFileSync(join(folder, path), "utf8")

export const readJson = (path: string): unknown => JSON.parse(readText(path))

export const payloadNames: ReadonlyArray<string> = readdirSync(join(folder, "payloads")).toSorted()

const isOpenApi = (value: unknown): value is OpenApi =>
  typeof value === "object" && value !== null && "paths" in value && "components" in value

export const readOpenApi = (): OpenApi => {
  const value = readJson("evals.openapi.json")
  if (!isOpenApi(value)) throw new Error("evals.openapi.json is no OpenAPI document")
  return value
}
