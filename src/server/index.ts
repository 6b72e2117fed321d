/**
 * The engine as an HTTP server.
 */
export type { Rejection } from "../engine/texts/Rejection.ts"
export * as NodeServer from "./NodeServer.ts"
export * as Server from "./Server.ts"
