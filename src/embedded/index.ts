/**
 * The engine in one's own process.
 */
export * as IdGenerator from "../engine/IdGenerator.ts"
export { Rejection } from "../engine/Rejection.ts"
export { ReportUrl } from "../engine/ReportUrl.ts"
export * as EvalsEngine from "./EvalsEngine.ts"
