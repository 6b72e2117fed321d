/**
 * The flags of `graders/run`: the reasons for which a grader gave no judgement.
 *
 * @internal
 */

/**
 * All flags and their details, with their values in an answer without errors. The specification requires all but
 * `invalid_variable_error_details` and `model_grader_exceeded_max_tokens_error`, which only recorded answers have.
 */
export const noErrors = {
  formula_parse_error: false,
  sample_parse_error: false,
  truncated_observation_error: false,
  unresponsive_reward_error: false,
  invalid_variable_error: false,
  invalid_variable_error_details: null,
  other_error: false,
  python_grader_server_error: false,
  python_grader_server_error_type: null,
  python_grader_runtime_error: false,
  python_grader_runtime_error_details: null,
  model_grader_server_error: false,
  model_grader_refusal_error: false,
  model_grader_parse_error: false,
  model_grader_exceeded_max_tokens_error: false,
  model_grader_server_error_details: null
}

type Errors = typeof noErrors

/** A flag: the name of a field that is true or false. */
export type Flag = { [K in keyof Errors]: Errors[K] extends boolean ? K : never }[keyof Errors]

/** The field with the details of a flag, if the API has one. */
const detailsOf: { readonly [F in Flag]?: keyof Errors } = {
  invalid_variable_error: "invalid_variable_error_details",
  python_grader_server_error: "python_grader_server_error_type",
  python_grader_runtime_error: "python_grader_runtime_error_details",
  model_grader_server_error: "model_grader_server_error_details"
}

/** Returns the errors of an answer with these flags set. If a flag has two messages, the first is kept. */
export const raised = (
  errors: ReadonlyArray<{ readonly flag: Flag; readonly message: string }>
): { readonly [K in keyof Errors]: Errors[K] extends boolean ? boolean : string | null } => {
  const all: { [K in keyof Errors]: Errors[K] extends boolean ? boolean : string | null } = { ...noErrors }
  for (const { flag, message } of errors) {
    if (all[flag]) continue
    Object.assign(all, { [flag]: true })
    const details = detailsOf[flag]
    if (details !== undefined) Object.assign(all, { [details]: message })
  }
  return all
}
