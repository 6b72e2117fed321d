/** @internal */
import * as Grader from "../../schema/Grader.ts"
import { decoder, encoder } from "../codec.ts"
import { jsonBody, type Operation } from "../operation.ts"
import { path } from "../path.ts"

const decodeRun = decoder(Grader.RunResponse)
const decodeValidate = decoder(Grader.ValidateResponse)
const encodeRun = encoder(Grader.RunParams)
const encodeValidate = encoder(Grader.ValidateParams)

// the host stores nothing: a retry is safe
export const runGrader = (params: Grader.RunParams): Operation<Grader.RunResponse> => ({
  name: "runGrader",
  method: "POST",
  path: path`/fine_tuning/alpha/graders/run`,
  body: jsonBody(encodeRun, params),
  repeat: "safe",
  decode: decodeRun,
  via: ({ runGrader }, options) => runGrader?.(params, options)
})

export const validateGrader = (params: Grader.ValidateParams): Operation<Grader.ValidateResponse> => ({
  name: "validateGrader",
  method: "POST",
  path: path`/fine_tuning/alpha/graders/validate`,
  body: jsonBody(encodeValidate, params),
  repeat: "safe",
  decode: decodeValidate,
  via: ({ validateGrader }, options) => validateGrader?.(params, options)
})
