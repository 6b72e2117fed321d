/** openai-node, as it is published, asks the engine over a socket. */
import { socket } from "./lib/backend.ts"
import { suite } from "./lib/suite.ts"

suite("over a socket", socket())
