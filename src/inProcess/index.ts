/**
 * The engine within a process.
 */
export * as IdGenerator from "../engine/texts/IdGenerator.ts"
export { Rejection } from "../engine/texts/Rejection.ts"
export { ReportUrl } from "../engine/texts/ReportUrl.ts"
export * as ModelError from "../engine/models/ModelError.ts"
export * as Models from "../engine/models/Models.ts"
export * as EvalsEngine from "./EvalsEngine.ts"
