/**
 * The namespace `EvalsClient` of the package: the client, and its operations as a value. Modules of this package import
 * `EvalsClient.ts`, which loads no operation.
 */
export * from "./EvalsClient.ts"
export { operations, type Operations } from "./Operations.ts"
