/**
 * Which of the two APIs an endpoint has: said by its entry, or found out by its
 * first requests.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import type { Api, HttpEntry } from "./Entry.ts"
import type { Reason } from "./ModelError.ts"
import type { Has } from "./Models.ts"

/** The paths of the APIs. */
export const paths: { readonly [api in Api]: string } = { chat: "/chat/completions", responses: "/responses" }

const other: { readonly [api in Api]: Api } = { chat: "responses", responses: "chat" }

/** What is known of the APIs of an endpoint. */
export interface Apis {
  readonly known: () => { readonly [api in Api]: Has }
  /**
   * Asks by the API of the request, and by the other one where the endpoint
   * certainly lacks the first. `isDiscovery` is true while it is not known whether
   * the endpoint has the API.
   */
  readonly route: <A>(
    wanted: Api,
    ask: (api: Api, isDiscovery: boolean) => Effect.Effect<A, Reason>
  ) => Effect.Effect<A, Reason>
}

/** Whether a reason says that there is nothing at the path of an API. */
const isMissing = (reason: Reason): boolean =>
  reason._tag === "WrongAddress" && (reason.status === 404 || reason.status === 405 || reason.status === 501)

/** Whether a reason comes from the API itself, which is there then. */
const isThere = (reason: Reason): boolean => reason._tag === "BadRequest" || reason._tag === "UnknownModel"

/** Makes what is known of an entry's APIs. */
export const make = (said: HttpEntry["api"]): Apis => {
  const known: { [api in Api]: Has } =
    said === undefined
      ? { chat: "unknown", responses: "unknown" }
      : { chat: said === "responses" ? "no" : "yes", responses: said === "chat" ? "no" : "yes" }
  const mutex = Semaphore.makeUnsafe(1)

  const route: Apis["route"] = (wanted, ask) => {
    const discover = Effect.suspend(() => {
      if (known[wanted] !== "unknown") return route(wanted, ask)
      return Effect.catch(
        Effect.tap(ask(wanted, true), () => Effect.sync(() => (known[wanted] = "yes"))),
        (reason) => {
          if (isThere(reason)) known[wanted] = "yes"
          if (!isMissing(reason) || known[other[wanted]] === "no") return Effect.fail(reason)
          return Effect.matchEffect(ask(other[wanted], known[other[wanted]] === "unknown"), {
            onFailure: (second) => {
              // with neither of them the address is wrong, and the first answer says so
              if (isMissing(second)) return Effect.fail(reason)
              if (isThere(second)) settle()
              return Effect.fail(second)
            },
            onSuccess: (answer) => {
              settle()
              return Effect.succeed(answer)
            }
          })
        }
      )
    })
    const settle = () => {
      known[wanted] = "no"
      known[other[wanted]] = "yes"
    }
    if (known[wanted] === "no") return ask(other[wanted], false)
    if (known[wanted] === "yes") return ask(wanted, false)
    // nearly every endpoint has chat completions: its first requests do not wait for one that finds out
    return wanted === "chat" ? discover : mutex.withPermits(1)(discover)
  }

  return { known: () => ({ ...known }), route }
}
