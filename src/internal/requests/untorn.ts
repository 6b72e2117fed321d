/** @internal */
import * as Effect from "effect/Effect"
import type { Service } from "../../EvalsClient.ts"
import type { EvalsError } from "../../EvalsError.ts"
import type { CallOptions } from "../../Options.ts"
import type { Operation } from "../operation.ts"

/**
 * Sends a creation. An interruption waits for the end of a started attempt. The interrupted fiber does not receive the
 * created object: `onCreated` is called with it, or a warning with its id is logged if there is no `onCreated`.
 */
export const sendUntorn = <A extends { readonly id: string }>(
  client: Service,
  operation: Operation<A>,
  options: CallOptions | undefined,
  onCreated: ((value: A) => void) | undefined
): Effect.Effect<A, EvalsError> =>
  Effect.suspend(() => {
    let created: A | undefined
    const sent = client.send(
      {
        ...operation,
        decode: (text) => {
          const decoded = operation.decode(text)
          if (decoded._tag === "Success") {
            created = decoded.success
            onCreated?.(decoded.success)
          }
          return decoded
        }
      },
      options
    )
    return Effect.onInterrupt(sent, () =>
      created === undefined || onCreated !== undefined
        ? Effect.void
        : Effect.logWarning(`${operation.name} was interrupted after ${created.id} had been created; it stays`)
    )
  })
