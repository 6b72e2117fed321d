/** @internal */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { packageName, packageVersion } from "../../schema/packageVersion.ts"
import { ok } from "../respond.ts"
import type { Setting } from "./shared.ts"

/** The URL of the documentation of this version. */
export const documentation = `README.md and docs/server.md of the package ${packageName}`

/** The route of the base URL: a description of the server for people and health checks. */
export const description = ({ engine }: Setting, readOnly: boolean) =>
  HttpRouter.route("GET", "/", () =>
    Effect.map(engine.instance, (id) =>
      ok(
        JSON.stringify({
          object: "server",
          id,
          name: packageName,
          version: packageVersion,
          read_only: readOnly,
          documentation
        })
      )
    )
  )
