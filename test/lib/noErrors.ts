/** The `metadata.errors` of `graders/run` where nothing went wrong. Written out, so that a flag of the engine cannot change unseen. */
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
