/** @internal */
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Random from "effect/Random"
import { at } from "../../schema/fields.ts"
import * as Grader from "../../schema/Grader.ts"
import * as Body from "../body.ts"
import { formatBytes } from "../Limits.ts"
import { ok } from "../respond.ts"
import { routes, type Setting } from "./shared.ts"

const readRun = Body.reader(Grader.RunParams)
const readValidate = Body.reader(Grader.ValidateParams)

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** The name of a grader without one: `grader-` and 12 letters or digits, as on the hosted service. */
const randomName = Effect.map(
  Effect.replicateEffect(Random.nextIntBetween(0, letters.length, { halfOpen: true }), 12),
  (drawn) => `grader-${drawn.map((index) => letters[index]).join("")}`
)

const withName = (value: unknown) =>
  Effect.map(randomName, (name) =>
    Predicate.isObject(value) && Predicate.isObject(value["grader"]) && Predicate.isNullish(at(value["grader"], "name"))
      ? { ...value, grader: { ...value["grader"], name } }
      : value
  )

// the item is passed on as text, since JavaScript changes the digits of some numbers
const withoutItem = (value: unknown): unknown => (Predicate.isObject(value) ? { ...value, item: {} } : value)

/** The routes of single graders. A read-only server asks no model. */
export const graders = (setting: Setting, readOnly: boolean) => {
  const { engine, limits } = setting
  const route = routes(setting)
  const limit = { bytes: limits.body, advice: `A grader with its sample may be ${formatBytes(limits.body)} large.` }
  return [
    route("POST", "/fine_tuning/alpha/graders/run", ({ request }) =>
      Body.bytes(request, limit).pipe(
        Effect.flatMap(Body.parseWithItem),
        Effect.flatMap(({ itemText, value }) =>
          withName(itemText === undefined ? value : withoutItem(value)).pipe(
            Effect.flatMap(readRun),
            Effect.flatMap((params) => engine.runGrader({ ...params, itemText }, { mayAsk: !readOnly }))
          )
        ),
        Effect.map((body) => ok(body))
      )
    ),
    route("POST", "/fine_tuning/alpha/graders/validate", ({ request }) =>
      Body.bytes(request, limit).pipe(
        Effect.flatMap(Body.parse),
        Effect.flatMap(withName),
        Effect.flatMap(readValidate),
        Effect.flatMap(engine.validateGrader),
        Effect.flatMap(({ answer, warnings }) => Effect.as(Body.warn(warnings), ok(answer)))
      )
    )
  ]
}
