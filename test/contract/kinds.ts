/**
 * Which payload of the contract is what. A payload without a row fails the test, as does a row without a payload.
 */
import { Schema } from "effect"
import {
  cancelRun,
  DataSource,
  Eval,
  EvalId,
  type EvalsClient,
  type EvalsError,
  EvalsFile,
  Grader,
  OutputItem,
  Page,
  retrieveEval,
  Run,
  RunId,
  WebhookEvent
} from "effect-evals"
import type { Effect } from "effect"

type WireSchema = Schema.Codec<unknown>

export type Kind =
  /** A part of an answer, or all of it. */
  | { readonly side: "read"; readonly schema: WireSchema }
  /** A part of a request, or all of it. */
  | { readonly side: "write"; readonly schema: WireSchema }
  /** The body of an answer that is no success. */
  | {
      readonly side: "error"
      readonly status: number
      readonly reason: EvalsError.Reason["_tag"]
      readonly operation: Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>
    }
  /** What a file holds. */
  | { readonly side: "bytes" }

const wire = (schema: Schema.Constraint): WireSchema => Schema.make<WireSchema>(schema.ast)
const read = (schema: Schema.Constraint): Kind => ({ side: "read", schema: wire(schema) })
const write = (schema: Schema.Constraint): Kind => ({ side: "write", schema: wire(schema) })

const notFound = (operation: Effect.Effect<unknown, EvalsError.EvalsError, EvalsClient.EvalsClient>): Kind => ({
  side: "error",
  status: 404,
  reason: "NotFoundError",
  operation
})

const evaluation = read(Eval.Eval)
const run = read(Run.Run)
const item = read(OutputItem.OutputItem)
const file = read(EvalsFile.EvalsFile)
const evalId = EvalId.make("eval_1")

/** A payload with two kinds is read and written alike: the host gives back what it was sent. */
export const kinds: Readonly<Record<string, ReadonlyArray<Kind>>> = {
  azure_404_eval: [notFound(retrieveEval(evalId))],
  azure_404_run: [notFound(cancelRun(evalId, RunId.make("evalrun_1")))],
  azure_eval_delete_response: [read(Eval.Deleted)],
  azure_output_item_get_response: [item],
  azure_output_items_list_response: [read(Page(OutputItem.OutputItem))],
  azure_run_delete_response: [read(Run.Deleted)],

  real_apicity_eval_create_request: [write(Eval.CreateParams)],
  real_apicity_eval_create_response_201: [evaluation],
  "real_apicity_files-content_0_post": [file],
  "real_apicity_files-content_1_get": [{ side: "bytes" }],
  "real_apicity_files-content_2_delete": [read(EvalsFile.Deleted)],
  "real_apicity_files-list_0_get": [read(Page(EvalsFile.EvalsFile))],
  "real_apicity_files-retrieve_0_get": [read(Page(EvalsFile.EvalsFile))],
  "real_apicity_files-retrieve_1_get": [file],
  "real_apicity_files-upload_0_post": [file],

  real_lab03_eval_create_request: [write(Eval.CreateParams)],
  real_lab03_eval_create_response: [evaluation],
  real_lab03_file_upload_response: [file],
  real_lab03_run_completed_response: [run],
  real_lab03_run_create_request: [write(Run.CreateParams)],
  real_lab03_run_queued_response: [run],

  spec_eval_create_request: [write(Eval.CreateParams)],
  spec_eval_delete_response: [read(Eval.Deleted)],
  spec_eval_get_response: [evaluation],
  spec_eval_update_request: [write(Eval.UpdateParams)],
  spec_eval_update_response: [evaluation],
  spec_evals_list_response: [read(Page(Eval.Eval))],
  spec_grader_run_score_model_request: [write(Grader.RunParams)],
  spec_grader_run_score_model_response: [read(Grader.RunResponse)],
  spec_output_item_get_response: [item],
  spec_output_items_list_response: [read(Page(OutputItem.OutputItem))],
  spec_run_cancel_response: [run],
  spec_run_create_response: [run],
  spec_run_delete_response: [read(Run.Deleted)],
  spec_run_get_response: [run],
  spec_runs_list_response: [read(Page(Run.Run))],

  // these two examples hold the whole request
  spec_schema_CreateEvalCompletionsRunDataSource: [write(Run.CreateParams)],
  spec_schema_CreateEvalResponsesRunDataSource: [write(Run.CreateParams)],
  spec_schema_CreateEvalCustomDataSourceConfig: [
    write(Eval.CreateParams.fields.data_source_config),
    read(Eval.DataSourceConfig)
  ],
  spec_schema_CreateEvalJsonlRunDataSource: [write(DataSource.DataSourceParam), read(DataSource.DataSource)],
  spec_schema_CreateEvalLabelModelGrader: [write(Grader.TestingCriterion), read(Grader.Grader)],
  spec_schema_Eval: [evaluation],
  spec_schema_EvalApiError: [read(Run.ApiError)],
  spec_schema_EvalCustomDataSourceConfig: [read(Eval.DataSourceConfig)],
  spec_schema_EvalResponsesSource: [write(DataSource.Responses), read(DataSource.Source)],
  spec_schema_EvalRun: [run],
  spec_schema_EvalRunList: [read(Page(Run.Run))],
  spec_schema_EvalRunOutputItem: [item],
  spec_schema_EvalRunOutputItemList: [read(Page(OutputItem.OutputItem))],
  spec_schema_EvalStoredCompletionsSource: [write(DataSource.StoredCompletions), read(DataSource.Source)],
  spec_schema_GraderLabelModel: [write(Grader.LabelModel), read(Grader.Grader)],
  spec_schema_GraderMulti: [write(Grader.GraderParam), read(Grader.Grader)],
  spec_schema_GraderStringCheck: [write(Grader.TestingCriterion), read(Grader.Grader)],
  spec_schema_WebhookEvalRunCanceled: [read(WebhookEvent.WebhookEvent)],
  spec_schema_WebhookEvalRunFailed: [read(WebhookEvent.WebhookEvent)],
  spec_schema_WebhookEvalRunSucceeded: [read(WebhookEvent.WebhookEvent)]
}
