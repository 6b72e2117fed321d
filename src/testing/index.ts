/**
 * Helpers for tests of programs that use effect-evals. They need no network and no test runner.
 */
export * as EvalsClientTest from "./EvalsClientTest.ts"
export * as ScriptedHttp from "./ScriptedHttp.ts"
export * as WireBuilder from "./WireBuilder.ts"
