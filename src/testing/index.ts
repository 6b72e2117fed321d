/**
 * Helpers for testing programs that use effect-evals; none of it needs a network
 * or a test runner.
 */
export * as EvalsClientTest from "./EvalsClientTest.ts"
export * as ScriptedHttp from "./ScriptedHttp.ts"
export * as WireBuilder from "./WireBuilder.ts"
