/** openai-node, as it is published, asks the engine without a socket. */
import { makeFetch } from "./lib/backend.ts"
import { suite } from "./lib/suite.ts"

suite("through makeFetch", makeFetch())
