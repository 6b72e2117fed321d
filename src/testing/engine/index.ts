/**
 * An engine for tests. It is an entry of its own, so that tests of a client load no engine.
 */
export * as EvalsTest from "./EvalsTest.ts"
