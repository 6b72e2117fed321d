/**
 * Refuses a run that would ask a model which has no endpoint here, or an endpoint that cannot be asked in this way.
 *
 * @internal
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { DataSourceParam } from "../../schema/DataSource.ts"
import { at } from "../../schema/fields.ts"
import { type Request, Models, type Service } from "../models/Models.ts"
import { sampled, type Source } from "../models/requests/sampled.ts"
import * as inputMessages from "../sources/inputMessages.ts"
import { invalid, type Rejection } from "../texts/Rejection.ts"

const sourceOf = (dataSource: DataSourceParam): Source | undefined =>
  dataSource.type === "jsonl"
    ? undefined
    : {
        type: dataSource.type,
        model: String(at(dataSource, "model")),
        sampling_params: at(dataSource, "sampling_params")
      }

/** The model that a run asks for its samples; empty for a run whose rows bring theirs. */
export const sampledModel = (dataSource: DataSourceParam): string => sourceOf(dataSource)?.model ?? ""

const refused = (models: Service, request: Request, param: string): Rejection | undefined => {
  const error = models.check(request)
  return error === undefined ? undefined : invalid(`${param}: ${error.message}`, param, error.wire.code)
}

const sampling = (models: Service, dataSource: DataSourceParam, source: Source): Rejection | undefined => {
  const given = at(dataSource, "input_messages")
  const messages = inputMessages.compile(given)
  if (Result.isFailure(messages)) return invalid(`data_source.${messages.failure}`, "data_source.input_messages")
  // the messages of a reference are known with each row
  const template = at(given, "template")
  const { problems, request } = sampled(source, Array.isArray(template) ? template : [])
  return problems.length > 0
    ? invalid(problems.map((problem) => `data_source.${problem}`).join("; "), "data_source.input_messages")
    : refused(models, request, "data_source.model")
}

/** Refuses a run whose models cannot be asked. */
export const checkModels = (dataSource: DataSourceParam): Effect.Effect<void, Rejection> =>
  Effect.gen(function* () {
    const models = yield* Models
    const source = sourceOf(dataSource)
    const problem = source === undefined ? undefined : sampling(models, dataSource, source)
    if (problem !== undefined) return yield* problem
    // a new run is a new attempt with an endpoint that refused everything: somebody may have mended the key or the account
    yield* models.reset
  })
