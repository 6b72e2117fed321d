/** One suite of our client against every host that it has. */
import { inProcess, overSocket, scriptedHost } from "./lib/backends.ts"
import { suite } from "./lib/suite.ts"

suite("a host as it is documented", scriptedHost())
suite("the engine in this process", inProcess())
suite("the engine over a socket", overSocket())
