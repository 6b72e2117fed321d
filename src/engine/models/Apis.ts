/**
 * Which of the two APIs an endpoint has: said by its entry, or found out by its
 * first requests.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import type { Api, HttpEntry } from "./Entry.ts"
import type { Reason } from "./ModelError.ts"
import type { Has } from "./Models.ts"
import * as Scout from "./Scout.ts"

/** The paths of the APIs. */
export const paths: { readonly [api in Api]: string } = { chat: "/chat/completions", responses: "/responses" }

const other: { readonly [api in Api]: Api } = { chat: "responses", responses: "chat" }

/** The knowledge about the APIs of an endpoint. */
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
  /** Looks again for APIs where none was found. */
  readonly reset: Effect.Effect<void>
}

/** Whether a reason says that there is nothing at the path of an API. */
const isMissing = (reason: Reason): boolean =>
  reason._tag === "WrongAddress" && (reason.status === 404 || reason.status === 405 || reason.status === 501)

/** Whether a reason comes from the API itself, which is there then. */
const isThere = (reason: Reason): boolean => reason._tag === "BadRequest" || reason._tag === "UnknownModel"

/** Makes the knowledge about the APIs of an entry. */
export const make = (said: HttpEntry["api"]): Apis => {
  const known: { [api in Api]: Has } =
    said === undefined
      ? { chat: "unknown", responses: "unknown" }
      : { chat: said === "responses" ? "no" : "yes", responses: said === "chat" ? "no" : "yes" }
  const scout = Scout.make()
  /** The first answer of an endpoint that has neither. */
  let neither: Reason | undefined

  /** Asks by the other API after the wanted one was missing. */
  const askOther = <A>(
    wanted: Api,
    missing: Reason,
    ask: (api: Api, isDiscovery: boolean) => Effect.Effect<A, Reason>
  ): Effect.Effect<A, Reason> => {
    const instead = other[wanted]
    const settle = (has: Has) => {
      known[wanted] = "no"
      known[instead] = has
    }
    return Effect.matchEffect(ask(instead, known[instead] === "unknown"), {
      onFailure: (reason) => {
        if (isThere(reason)) settle("yes")
        // nothing was sent: whether the other one is there is as unknown as before
        else if (reason._tag === "Untranslatable") settle(known[instead])
        if (!isMissing(reason)) return Effect.fail(reason)
        neither = missing
        return Effect.fail(missing)
      },
      onSuccess: (answer) => {
        settle("yes")
        return Effect.succeed(answer)
      }
    })
  }

  const route: Apis["route"] = (wanted, ask) => {
    if (neither !== undefined) return Effect.fail(neither)
    if (known[wanted] === "no") return ask(other[wanted], false)
    if (known[wanted] === "yes") return ask(wanted, false)
    const discover = Effect.suspend(() =>
      known[wanted] === "unknown" && neither === undefined
        ? Effect.matchEffect(ask(wanted, true), {
            onFailure: (reason) => {
              if (isThere(reason)) known[wanted] = "yes"
              return isMissing(reason) && known[other[wanted]] !== "no"
                ? askOther(wanted, reason, ask)
                : Effect.fail(reason)
            },
            onSuccess: (answer) => {
              known[wanted] = "yes"
              return Effect.succeed(answer)
            }
          })
        : route(wanted, ask)
    )
    // nearly every endpoint has chat completions: its first requests do not wait for one that finds out
    return wanted === "chat" ? discover : scout.ahead(discover)
  }

  return {
    known: () => ({ ...known }),
    route,
    reset: Effect.sync(() => {
      neither = undefined
    })
  }
}
