/**
 * A real engine for tests, apart from the rest of testing: tests of a client alone
 * load none of it.
 */
export * as EvalsTest from "./EvalsTest.ts"
