/**
 * `effect-evals items`
 */
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { at } from "../schema/fields.ts"
import type { Input } from "./commands/items.ts"
import { criteriaOf } from "./evalCriteria.ts"
import { runAt } from "./idKind.ts"
import { formatItem } from "./item.ts"
import * as Output from "./output.ts"
import { outputWidth } from "./outputWidth.ts"
import * as Target from "./target.ts"
import { explained, isItem, rawItems } from "./rawItems.ts"
import { plain } from "../report/plainText.ts"

const isErrored = (value: object): boolean => Predicate.hasProperty(value, "status") && value.status === "error"

// an item that cannot be decoded is listed with its known fields
const oddLineOf = (value: { readonly id: string }): string => {
  const status = at(value, "status")
  return [
    String(at(value, "datasource_item_id") ?? "").padStart(7),
    (typeof status === "string" ? plain(status) : "").padEnd(5),
    `${plain(value.id)}  [not what the API promises: see --json]`
  ].join("  ")
}

/** Shows the output items of a run. */
export const handler = (input: Input) =>
  Target.at(input, "read", (target) =>
    Effect.gen(function* () {
      const [one, run] = yield* runAt(target, input)
      const width = yield* outputWidth
      const status = Option.getOrUndefined(input.status)
      const params = status === "pass" || status === "fail" ? { status } : {}
      const wanted = (value: object): boolean => status !== "error" || isErrored(value)
      const criteria = input.json ? [] : yield* criteriaOf(one)
      const found = input.json
        ? rawItems(one, run, params).pipe(
            Stream.filter(({ value }) => wanted(value)),
            Stream.map(({ bytes }) => Output.lineOf(bytes))
          )
        : rawItems(one, run, params).pipe(
            Stream.filter(({ value }) => wanted(value)),
            Stream.map(({ bytes, value }) =>
              isItem(value) ? formatItem(value, explained(criteria, value, bytes), width) : oddLineOf(value)
            )
          )
      const shown = yield* Output.lines(found, Option.getOrUndefined(input.limit))
      if (shown === 0) yield* Console.error(status === undefined ? "there are no items" : `no items with ${status}`)
    })
  )
