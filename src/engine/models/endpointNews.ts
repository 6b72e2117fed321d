/**
 * The lines of the log about an endpoint.
 */
import * as Effect from "effect/Effect"
import type { News } from "./Circuit.ts"

const seconds = (millis: number) => `${Math.round(millis / 100) / 10} s`

/** Says what became of an endpoint. */
export const logNews = (name: string, news: News): Effect.Effect<void> => {
  switch (news._tag) {
    case "Opened":
      return Effect.logWarning(`${name} is down, requests wait for it: ${news.cause}`)
    case "Closed":
      return Effect.logInfo(`${name} answers again, after ${seconds(news.afterMillis)}`)
    case "Blocked":
      return Effect.logError(`${name}: ${news.reason}`)
  }
}

/** Says that an endpoint asks to wait for long. */
export const logHold = (name: string, millis: number): Effect.Effect<void> =>
  Effect.logWarning(`${name} asks to wait for ${seconds(millis)}`)
